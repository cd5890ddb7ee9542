package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/webstack/webstack/integration/bench/process"
	"github.com/webstack/webstack/proxy/control"
)

//go:embed webstack.toml
var specs embed.FS

// What the spec says, and the actors count on.
const (
	listen      = "127.0.0.1:8081"
	headTimeout = 4 * time.Second
	bodyTimeout = 4 * time.Second
	maxBody     = 4 << 20
	// idleTimeout is that of connections kept to instances: when it has passed
	// the proxy is to hold none.
	idleTimeout = 2 * time.Second
	// failTimeout is how long an instance that was killed is passed over.
	failTimeout = time.Second
)

// files are served by the proxy itself.
var files = []struct {
	name   string
	seed   uint64
	length int64
}{
	{"small.bin", 1, 1000}, {"middle.bin", 2, 100_000}, {"large.bin", 3, 3_000_000},
}

// specValues fill in the spec.
type specValues struct {
	Listen                 string
	Instances              []string
	Head, Body, Idle, Fail time.Duration
	MaxBody                int
	Files, Log             string
	Generation             int
	// Broken makes a spec that must be refused.
	Broken bool
}

// proxy is the one that is soaked.
type proxy struct {
	*process.Process
	dir       string
	instances []string
	control   *control.Client
	reloads   int
	refused   int
}

func startProxy(ctx context.Context, program, dir string, instances []string) (*proxy, error) {
	p := &proxy{dir: dir, instances: instances}
	socket := filepath.Join(dir, "control.sock")
	if err := os.MkdirAll(p.files(), 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the folder of files: %w", err)
	}
	for _, f := range files {
		content, err := io.ReadAll(payload(f.seed, f.length))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(p.files(), f.name), content, 0o644); err != nil {
			return nil, fmt.Errorf("cannot write a file to serve: %w", err)
		}
	}
	if err := p.writeSpec(0, false); err != nil {
		return nil, err
	}
	var err error
	p.Process, err = process.Start(process.Spec{
		Name: "webstack", Argv: []string{program, "serve", "--foreground", p.spec(), "--control", socket}, Dir: dir, Core: -1,
	})
	if err != nil {
		return nil, err
	}
	if err := p.AwaitListening(ctx, listen); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	p.control = control.NewClient(socket)
	return p, nil
}

func (p *proxy) spec() string  { return filepath.Join(p.dir, "webstack.toml") }
func (p *proxy) files() string { return filepath.Join(p.dir, "files") }

// writeSpec writes one of the specs: every other one lacks an instance, whose
// exchanges must go on all the same.
func (p *proxy) writeSpec(generation int, broken bool) error {
	values := specValues{
		Listen: listen, Instances: p.instances, Head: headTimeout, Body: bodyTimeout, Idle: idleTimeout, Fail: failTimeout,
		MaxBody: maxBody >> 20, Files: p.files(), Log: filepath.Join(p.dir, "access.log"), Generation: generation, Broken: broken,
	}
	if generation%2 == 1 {
		values.Instances = p.instances[:len(p.instances)-1]
	}
	t, err := template.ParseFS(specs, "webstack.toml")
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, values); err != nil {
		return err
	}
	next := p.spec() + ".next"
	if err := os.WriteFile(next, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("cannot write the spec: %w", err)
	}
	return os.Rename(next, p.spec())
}

const (
	reloadPause = time.Second
	// refusedEvery so many reloads one is of a spec that must be refused.
	refusedEvery = 5
	// controlTimeout bounds one question on a busy machine.
	controlTimeout = 20 * time.Second
)

// reloadAgainAndAgain ends with ctx, or with the first reload that does not do
// what it should.
func (p *proxy) reloadAgainAndAgain(ctx context.Context) error {
	for generation := 1; ; generation++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reloadPause):
		}
		if err := p.reload(generation, generation%refusedEvery == 0); err != nil {
			return fmt.Errorf("reload %d: %w", generation, err)
		}
	}
}

func (p *proxy) reload(generation int, broken bool) error {
	if err := p.writeSpec(generation, broken); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	_, err := p.control.Reload(ctx)
	var rejected *control.Rejected
	switch {
	case broken && errors.As(err, &rejected):
		p.refused++
		return nil
	case broken && err == nil:
		return errors.New("a spec that is broken was taken")
	case err != nil:
		return err
	}
	p.reloads++
	return p.serves(generation)
}

// serves makes sure that a new connection is served by that generation.
func (p *proxy) serves(generation int) error {
	a := actor{name: "reload", address: listen}
	c, err := a.dial()
	if err != nil {
		return err
	}
	defer a.hangUp()
	x := a.exchange(true, "the generation")
	if _, err := io.WriteString(c, "GET /generation HTTP/1.1\r\nHost: soak.example\r\n\r\n"); err != nil {
		return err
	}
	response, err := x.head(c, "GET")
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if got, want := string(bytes.TrimSpace(text)), fmt.Sprint(generation); got != want {
		return fmt.Errorf("generation %s is served, not %s", got, want)
	}
	return nil
}

func (p *proxy) status() (*control.Status, error) {
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	return p.control.Status(ctx)
}
