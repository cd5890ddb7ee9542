package config

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

// seed is the config of eight instances behind one listener, with a folder.
func seed() *Config {
	day := Duration(24 * time.Hour)
	second := Duration(time.Second)
	return &Config{
		Version: Version, Generation: 7,
		Proxy: Proxy{
			TrustedProxies: []string{"10.0.0.0/8"},
			HeadTimeout:    10 * second, BodyTimeout: 60 * second, SendTimeout: 60 * second,
			KeepaliveTimeout: 75 * second, StopGrace: second, StopTimeout: 30 * second,
		},
		Listeners: []Listener{
			{Name: "webstack-8081", Network: "tcp", Address: "0.0.0.0:8081"},
			{Name: "webstack-v6", Network: "tcp", Address: "[::1]:8081"},
			{Name: "webstack-local", Network: "unix", Address: "/run/webstack/local.sock"},
		},
		Upstreams: []Upstream{{
			Name: "analysisweb", App: "analysisweb", Balance: "round-robin", MaxFails: 1, FailTimeout: 10 * second,
			ConnectTimeout: 5 * second, Keepalive: 32, KeepaliveTimeout: 60 * second, KeepaliveRequests: 1000,
			Hold: 10 * second, SlowStart: 30 * second, Health: &Health{
				Path: "/healthz", Interval: 5 * second, Timeout: 2 * second, Rise: 1, Fall: 2,
				Status: []StatusRange{{200, 399}}, Host: "example.com", Body: "ok",
			},
			Instances: []Instance{
				{ID: "app@8020", Network: "tcp", Address: "127.0.0.1:8020", Weight: 1},
				{ID: "search1.internal:9200", Network: "tcp", Address: "search1.internal:9200", Weight: 1, Backup: true},
				{ID: "unix:/run/x", Network: "unix", Address: "/run/x", Weight: 2, Woken: true},
			},
		}},
		Sites: []Site{
			{Name: "analysis", Listeners: []string{"webstack-8081", "webstack-v6"}, Routes: []Route{
				{Match: MatchBelow, Path: "/static/", Files: &Files{Root: "/home/ly/analysisweb/static/", Index: "index.html", Expires: &day}},
				{
					Match: MatchPrefix, Path: "/", Upstream: "analysisweb", MaxBodyBytes: 1 << 20, Retry: "error", Tries: 2,
					ResponseTimeout: 60 * second, IdleTimeout: 60 * second, Upgrade: []string{"websocket"},
					RequestHeaders: []Field{{"X-Where", "{scheme}://{host}"}, {"Accept-Encoding", ""}},
				},
			}},
			{Name: "www", Listeners: []string{"webstack-8081"}, Hosts: []string{"www.example.com", "*.example.org"}, Routes: []Route{
				{Match: MatchPrefix, Path: "/", Redirect: &Redirect{Location: "http://example.com{uri}", Status: 301}},
				{Match: MatchExact, Path: "/100%", Respond: &Respond{Status: 200, Body: "ok <&>\n"}},
			}},
		},
	}
}

func mustEncode(t testing.TB, c *Config) []byte {
	t.Helper()
	data, err := Encode(c)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEncodeAndDecode(t *testing.T) {
	data := mustEncode(t, seed())
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := mustEncode(t, got); !bytes.Equal(again, data) {
		t.Errorf("encoded again it is\n%s\nwant\n%s", again, data)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"  \"version\": 1,\n", `"expires": "24h0m0s"`, `"hold": "10s"`, `"from": 200`, `"ok <&>\n"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the JSON lacks %q:\n%s", want, data)
		}
	}
	if !bytes.HasSuffix(data, []byte("}\n")) {
		t.Error("the JSON does not end with a line feed")
	}
}

func TestEncodeWritesEmptyListsAndLeavesTheConfig(t *testing.T) {
	c := &Config{Version: Version, Upstreams: []Upstream{{Name: "u"}}, Sites: []Site{{Name: "s"}}}
	data := mustEncode(t, c)
	if bytes.Contains(data, []byte("null")) {
		t.Errorf("the JSON has a null:\n%s", data)
	}
	if _, err := Decode(data); err != nil {
		t.Error(err)
	}
	if want := (&Config{Version: Version, Upstreams: []Upstream{{Name: "u"}}, Sites: []Site{{Name: "s"}}}); !reflect.DeepEqual(c, want) {
		t.Errorf("Encode made the config %+v", c)
	}
}

func TestDecodeIsStrict(t *testing.T) {
	for _, tt := range []struct{ about, data, want string }{
		{"nothing", ``, "unexpected end"},
		{"not JSON", `{`, "unexpected end"},
		{"not an object", `[]`, "cannot unmarshal array"},
		{"no version", `{}`, "has no version"},
		{"another version", `{"version": 2, "future": {}}`, "version 2 and this proxy reads 1"},
		{"a version in words", `{"version": "1"}`, "cannot unmarshal string"},
		{"an unknown key", `{"version": 1, "future": {}}`, `unknown field "future"`},
		{"an unknown key inside", `{"version": 1, "proxy": {"tls": "x"}}`, `unknown field "tls"`},
		{"a key in another case", `{"version": 1, "Sites": []}`, `unknown key "Sites"`},
		{"a key in Unicode's other case", "{\"version\": 1, \"\u017fites\": []}", "unknown key"},
		{"a key twice", `{"version": 1, "sites": [], "sites": []}`, `"sites" is there twice`},
		{"a key twice inside", `{"version": 1, "sites": [{"name": "a", "routes": [{"path": "/", "path": "/"}]}]}`, `"path" is there twice`},
		{"a version twice", `{"version": 2, "version": 1}`, `"version" is there twice`},
		{"null", `{"version": 1, "sites": null}`, "null is no value"},
		{"trailing data", `{"version": 1} {}`, "after top-level value"},
		{"a duration without a unit", `{"version": 1, "proxy": {"head_timeout": "10"}}`, `bad duration "10"`},
		{"a negative duration", `{"version": 1, "proxy": {"head_timeout": "-1s"}}`, `negative duration "-1s"`},
		{"a number for a duration", `{"version": 1, "proxy": {"head_timeout": 10}}`, "cannot unmarshal number"},
		{"too long", strings.Repeat(" ", MaxBytes) + `{"version": 1}`, "more than 16777216"},
	} {
		if _, err := Decode([]byte(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.about, err, tt.want)
		}
	}
	for _, data := range []string{`{"version": 1}`, "\n{ \"version\" : 1 }\n", `{"version":1,"sites":[{"routes":[{"path":"/"},{"path":"/"}]},{"name":"x"}]}`} {
		if _, err := Decode([]byte(data)); err != nil {
			t.Errorf("Decode(%s): %v", data, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(mustEncode(f, seed()))
	f.Add([]byte(`{"version": 1}`))
	f.Add([]byte(`{"version": 1, "sites": [], "sites": []}`))
	f.Add([]byte(`{"version": 1, "sites": [{"routes": [{"files": {"expires": "1h"}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Decode(data)
		if err != nil {
			return
		}
		_ = c.Validate() // must not panic on anything that parses
		first := mustEncode(t, c)
		again, err := Decode(first)
		if err != nil {
			t.Fatalf("cannot decode what was encoded: %v\n%s", err, first)
		}
		if second := mustEncode(t, again); !bytes.Equal(first, second) {
			t.Fatalf("encoded again\n%s\nit is\n%s", first, second)
		}
	})
}
