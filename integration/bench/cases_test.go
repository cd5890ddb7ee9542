package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/integration/bench/backend"
)

func TestTheRequestIsOfABrowsersLength(t *testing.T) {
	for _, c := range cases() {
		if got := len(c.wire()) - c.post; got < 310 || got > 450 {
			t.Errorf("%s: got a head of %d octets, want some 330", c.name, got)
		}
	}
}

func TestNamesThatDoNotExistAreRefused(t *testing.T) {
	if _, err := selectCases([]string{"small64", "large"}); err == nil || !strings.Contains(err.Error(), `"large"`) {
		t.Errorf("got %v, want an error that names the case", err)
	}
	if _, err := selectContenders([]string{"apache"}); err == nil || !strings.Contains(err.Error(), `"apache"`) {
		t.Errorf("got %v, want an error that names the contender", err)
	}
	some, err := selectContenders([]string{haproxy})
	if err != nil || len(some) != 2 || some[0].name != webstack {
		t.Errorf("got %v, %v, want webstack and haproxy", some, err)
	}
}

func TestAWrongAnswerIsNotMeasured(t *testing.T) {
	right := string(backend.Body(backend.Paths["/small"]))
	tests := []struct {
		name string
		do   http.HandlerFunc
		want string // of the error; "" for none
	}{
		{"the right one", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(right)) }, ""},
		{"an error's status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "status 502"},
		{"too short", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(right[1:])) }, "99 octets"},
		{"of the right length", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(right[1:] + "x")) }, "not the 100 right ones"},
		{"one for each connection", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			_, _ = w.Write([]byte(right))
		}, "end of the connection"},
	}
	some, err := selectCases([]string{"small64"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := httptest.NewServer(test.do)
			defer s.Close()
			err := some[0].check(s.Listener.Addr().String())
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestAnOutcomeWithErrorsIsNoFigure(t *testing.T) {
	c := testCase{body: 100}
	for _, o := range []outcome{
		{},
		{Requests: 10, Bytes: 5000, Status: 1},
		{Requests: 10, Bytes: 5000, Timeout: 1},
		{Requests: 10, Bytes: 5000, Read: 1},
		{Requests: 10, Bytes: 999},
	} {
		if o.wrong(c) == nil {
			t.Errorf("%+v: got no error", o)
		}
	}
	if err := (outcome{Requests: 10, Bytes: 5000}).wrong(c); err != nil {
		t.Error(err)
	}
}

func TestConfigsNameWhatTheyAreGiven(t *testing.T) {
	dir := t.TempDir()
	for _, c := range contenders() {
		if c.config == "" {
			continue
		}
		file, err := c.render(surroundings{
			Dir: dir, Files: dir + "/files", Listen: c.address(), Port: c.port, Backends: backendAddresses(),
			Log: true, Connections: 12345, OpenFiles: 23456,
		})
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) != c.config {
			t.Errorf("got the config of %s in %s", c.name, file)
		}
		for _, address := range append(backendAddresses(), dir) {
			if !strings.Contains(string(text), address) {
				t.Errorf("the config of %s does not name %s:\n%s", c.name, address, text)
			}
		}
		if strings.Contains(string(text), "<no value>") {
			t.Errorf("the config of %s lacks a value:\n%s", c.name, text)
		}
		if _, port, err := net.SplitHostPort(c.address()); err != nil || !strings.Contains(string(text), port) {
			t.Errorf("the config of %s does not listen on %s", c.name, c.address())
		}
	}
}
