package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// requestTimeout bounds one request of the show.
const requestTimeout = 15 * time.Second

// rounds is how many requests go to the application in turn: four times each
// of eight.
const rounds = 32

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// get asks the host's port, on a connection of its own.
func get(ctx context.Context, url string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return reply{}, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, fmt.Errorf("cannot get %s: %w", url, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, fmt.Errorf("cannot get %s whole: %w", url, err)
	}
	return reply{response.StatusCode, response.Header, body}, nil
}

// awaitAnswer asks until the application answers.
func (d *demo) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	for {
		got, err := get(ctx, d.url(0))
		if err == nil && got.status == http.StatusOK {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%s answers %d", d.url(0), got.status)
		}
		select {
		case <-time.After(answerPause):
		case <-ctx.Done():
			return fmt.Errorf("no good answer in time: %w", err)
		}
	}
}

// exhibit is one request of the show: what of its answer is printed, and what
// has to be true of it.
type exhibit struct {
	site   int
	path   string
	shown  []string // headers
	expect func(reply) error
}

var exhibits = []exhibit{
	{0, "", []string{"Server", "X-Instance", "Content-Type"}, func(r reply) error {
		return wantBody(r, "answered.")
	}},
	{0, "static/style.css", []string{"Content-Type", "Cache-Control", "Expires", "ETag"}, func(r reply) error {
		if got := r.header.Get("Cache-Control"); got != "max-age=86400" {
			return fmt.Errorf("Cache-Control is %q, not max-age=86400", got)
		}
		if r.header.Get("Expires") == "" {
			return errors.New("there is no Expires")
		}
		return nil
	}},
	{0, "stream?interval=50&count=3", []string{"Content-Type", "X-Instance"}, func(r reply) error {
		return wantBody(r, "id: 3\n")
	}},
	{1, "", []string{"Content-Type", "Last-Modified"}, func(r reply) error {
		return wantBody(r, "Reports")
	}},
}

func wantBody(r reply, text string) error {
	if !strings.Contains(string(r.body), text) {
		return fmt.Errorf("the body has no %q", text)
	}
	return nil
}

// show makes a handful of requests and tells what came back. Its error names
// all that was not as it should be.
func (d *demo) show(ctx context.Context) error {
	var wrong []error
	for _, e := range exhibits {
		url := d.url(e.site) + e.path
		fmt.Fprintf(d.out, "\n$ curl -i '%s'\n", url)
		got, err := get(ctx, url)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		fmt.Fprintf(d.out, "  %d, %d bytes\n", got.status, len(got.body))
		for _, name := range e.shown {
			if value := got.header.Get(name); value != "" {
				fmt.Fprintf(d.out, "  %s: %s\n", name, value)
			}
		}
		if got.status != http.StatusOK {
			err = fmt.Errorf("status is %d, not 200", got.status)
		} else {
			err = e.expect(got)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", url, err))
		}
	}
	wrong = append(wrong, d.showTurns(ctx))
	if err := d.perform(ctx, "webstack", "status"); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// showTurns asks the application again and again and counts who answers.
func (d *demo) showTurns(ctx context.Context) error {
	url := d.url(0) + "whoami"
	fmt.Fprintf(d.out, "\n%d times: curl %s\n", rounds, url)
	turns := map[int]int{}
	for range rounds {
		got, err := get(ctx, url)
		if err != nil {
			return err
		}
		var who struct{ Port int }
		if err := json.Unmarshal(got.body, &who); err != nil || got.status != http.StatusOK {
			return fmt.Errorf("%s: status %d, %q", url, got.status, got.body)
		}
		turns[who.Port]++
	}
	for _, port := range slices.Sorted(maps.Keys(turns)) {
		fmt.Fprintf(d.out, "  instance %d answered %d\n", port, turns[port])
	}
	if len(turns) != 8 {
		return fmt.Errorf("%d instances answered, not 8", len(turns))
	}
	return nil
}
