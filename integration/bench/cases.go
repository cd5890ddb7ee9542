package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webstack/webstack/integration/bench/backend"
)

// kind is how a case is measured.
type kind int

const (
	// load is as many requests as the contender can answer.
	load kind = iota
	// idle is the memory of connections that do nothing.
	idle
	// latency is at a fixed rate.
	latency
)

// testCase is one row of the comparison.
type testCase struct {
	name  string
	title string
	kind  kind
	// connections are the load's.
	connections int
	path        string
	// post is the length of a body to send.
	post int
	// closing asks for the end of the connection with each request.
	closing bool
	// body is the length of the answer's body.
	body int
}

// static are the files that are served, by name, with their lengths.
var static = map[string]int{"1k.txt": 1 << 10, "100k.txt": 100 << 10, "10m.txt": 10 << 20}

// The names that the bar speaks of.
const (
	idleCase    = "idle"
	latencyCase = "latency"
	// capacityCase is the one whose throughput the latency's rate is half of.
	capacityCase = "small64"
)

func cases() []testCase {
	proxied := func(name, title, path string, connections int) testCase {
		return testCase{name: name, title: title, path: path, connections: connections, body: backend.Paths[path]}
	}
	file := func(name, title, file string, connections int) testCase {
		return testCase{name: name, title: title, path: "/static/" + file, connections: connections, body: static[file]}
	}
	const posted = 10 << 10
	return []testCase{
		proxied("small1", "small answer, 1 connection", "/small", 1),
		proxied("small64", "small answer, 64 connections", "/small", 64),
		proxied("small256", "small answer, 256 connections", "/small", 256),
		proxied("10k", "10 KB answer, 64 connections", "/10k", 64),
		proxied("100k", "100 KB answer, 64 connections", "/100k", 64),
		{
			name: "post", title: "POST of 10 KB, 64 connections", path: backend.Upload, connections: 64,
			post: posted, body: len(fmt.Sprint(posted)),
		},
		{
			name: "close", title: "Connection: close, 64 connections", path: "/small", connections: 64,
			closing: true, body: backend.Paths["/small"],
		},
		file("static1k", "file of 1 KB, 64 connections", "1k.txt", 64),
		file("static100k", "file of 100 KB, 64 connections", "100k.txt", 64),
		// 64 connections would only wait longer each.
		file("static10m", "file of 10 MB, 8 connections", "10m.txt", 8),
		{
			name: idleCase, title: "idle connections", kind: idle, path: "/small",
			body: backend.Paths["/small"],
		},
		{
			name: latencyCase, title: "latency at a fixed rate", kind: latency, path: "/small",
			connections: 64, body: backend.Paths["/small"],
		},
	}
}

// ofFiles tells whether a contender must be able to serve files.
func (c testCase) ofFiles() bool { return strings.HasPrefix(c.path, "/static/") }

// ranBy tells whether a contender takes part.
func (c testCase) ranBy(x contender) bool {
	if x.relays {
		return c.kind == load && !c.closing && !c.ofFiles()
	}
	return x.files || !c.ofFiles()
}

// selectCases are the named ones, in their own order; all without names.
func selectCases(names []string) ([]testCase, error) {
	return selected(cases(), names, "case", func(c testCase) string { return c.name })
}

// selectContenders are webstack and the named ones; all without names.
func selectContenders(names []string) ([]contender, error) {
	if len(names) > 0 {
		names = append(names, webstack)
	}
	return selected(contenders(), names, "contender", func(c contender) string { return c.name })
}

func selected[T any](all []T, names []string, what string, nameOf func(T) string) ([]T, error) {
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	var some []T
	for _, one := range all {
		known = append(known, nameOf(one))
		if slices.Contains(names, nameOf(one)) {
			some = append(some, one)
		}
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no %s %q: the %ss are %s", what, name, what, strings.Join(known, ", "))
		}
	}
	return some, nil
}
