// Package config is the proxy's configuration as `webstack apply` compiled it
// from the operator's spec: plain structs, strict JSON with a version, and
// Validate. The proxy never reads the operator's own file, so it can neither
// start on a half-edited one nor disagree with the units about what it means.
//
// [Decode] and [Encode] are the format; [Config.Validate] is what a config
// must hold to be run: every reference resolves, every route has one action,
// and all of it compiles into route tables, header rules and templates, since
// Validate compiles them. All problems come at once, each with the place in
// front: `site "shop": route "/": upstream "shpo" is not defined`. There are
// no lines and columns: the spec's own checks come first and have them.
//
// What Validate cannot know: whether folders and sockets exist, and what
// names resolve to.
package config
