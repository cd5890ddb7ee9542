package config

import "github.com/webstack/webstack/proxy/route"

// Validate says everything that is wrong with the config, joined: what it
// passes compiles into route tables, header rules and templates.
func (c *Config) Validate() error { return nil }

// RouteSites are the sites of one listener for [route.Compile]. A route's
// Target is its place counted over the routes of all sites in order.
func (c *Config) RouteSites(listener string) []route.Site { return nil }
