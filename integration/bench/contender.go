package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"text/template"

	"github.com/webstack/webstack/integration/bench/process"
)

//go:embed configs
var configs embed.FS

// contender is a server that is measured.
type contender struct {
	// name is what flags and results call it.
	name string
	// title is for people.
	title string
	// config is its template in configs/ and, rendered, in the working folder;
	// "" where there is none.
	config string
	// argv starts it in the foreground with that config, given its program.
	argv func(program, config string) []string
	// version asks the program for its version.
	version func(ctx context.Context, program string) (string, error)
	// files says that it can serve files.
	files bool
	// only relays: it takes part where one connection to an instance for each
	// client's will do.
	relays bool
	// log is how its access log is written.
	log  string
	port int
}

// The names that the bar speaks of.
const (
	webstack = "webstack"
	nginx    = "nginx"
	untuned  = "nginx-seed"
	haproxy  = "haproxy"
	caddy    = "caddy"
	bare     = "floor"
)

func contenders() []contender {
	nginxArgv := func(program, config string) []string {
		return []string{program, "-c", config, "-e", "stderr"}
	}
	// "nginx version: nginx/1.22.1"
	nginxVersion := says("nginx/", "-v")
	return []contender{
		{
			name: webstack, title: "webstack", config: "webstack.toml", files: true, port: 9001,
			argv: func(program, config string) []string {
				return []string{program, "serve", "--foreground", config}
			},
			version: says("webstack ", "version"),
			log:     "combined, to a file, in blocks by a writer of its own",
		},
		{
			name: nginx, title: "nginx, tuned", config: "nginx.conf", files: true, port: 9002,
			argv: nginxArgv, version: nginxVersion,
			log: "combined, to a file, in blocks of 64 KB",
		},
		{
			name: untuned, title: "nginx, untuned", config: "nginx-seed.conf", files: true, port: 9003,
			argv: nginxArgv, version: nginxVersion,
			log: "combined, to a file, line by line",
		},
		{
			name: haproxy, title: "HAProxy", config: "haproxy.cfg", port: 9004,
			argv: func(program, config string) []string {
				return []string{program, "-db", "-f", config}
			},
			// "HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/"
			version: says("version ", "-v"),
			log:     "httplog, to a ring mapped from a file",
		},
		{
			name: caddy, title: "Caddy", config: "Caddyfile", files: true, port: 9005,
			argv: func(program, config string) []string {
				return []string{program, "run", "--adapter", "caddyfile", "--config", config}
			},
			version: builtFrom("github.com/caddyserver/caddy/v2"),
			log:     "JSON, to a file",
		},
		{
			name: bare, title: "bare system calls", relays: true, port: 9006,
			argv: func(program, _ string) []string {
				return append([]string{program, floorVerb, "127.0.0.1:9006"}, backendAddresses()...)
			},
			version: func(context.Context, string) (string, error) { return runtime.Version(), nil },
			log:     "none, nor anything else: it only moves octets",
		},
	}
}

// surroundings are what the configs are about.
type surroundings struct {
	// Dir takes configs, logs and temporary files.
	Dir string
	// Files is the folder that is served below /static/.
	Files    string
	Listen   string
	Port     int
	Backends []string
	// Log turns the access logs on, of all or of none.
	Log bool
	// Connections is how many a server has to be able to hold.
	Connections int
	// OpenFiles is the limit of descriptors.
	OpenFiles uint64
}

// spareFiles are for what a server or the load has open besides the idle
// connections: those to instances, listeners, logs.
const spareFiles = 2288

// start renders the contender's config and starts it on the core.
func (c contender) start(ctx context.Context, program string, in surroundings, core int) (*process.Process, error) {
	in.Listen, in.Port = c.address(), c.port
	config, err := c.render(in)
	if err != nil {
		return nil, err
	}
	p, err := process.Start(process.Spec{
		Name: c.name, Argv: c.argv(program, config), Dir: in.Dir, Core: core,
		Env: []string{"XDG_DATA_HOME=" + in.Dir, "XDG_CONFIG_HOME=" + in.Dir},
	})
	if err != nil {
		return nil, err
	}
	if err := p.AwaitListening(ctx, c.address()); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (c contender) address() string { return fmt.Sprintf("127.0.0.1:%d", c.port) }

func (c contender) render(in surroundings) (string, error) {
	if c.config == "" {
		return "", nil
	}
	t, err := template.ParseFS(configs, "configs/"+c.config)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, in); err != nil {
		return "", err
	}
	file := filepath.Join(in.Dir, c.config)
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		return "", fmt.Errorf("cannot write the config of %s: %w", c.name, err)
	}
	return file, nil
}
