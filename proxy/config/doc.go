// Package config is the proxy's configuration as `webstack apply` compiled it
// from the operator's spec: plain structs, strict JSON with a version, and
// Validate. The proxy never reads the operator's own file, so it can neither
// start on a half-edited one nor disagree with the units about what it means.
package config
