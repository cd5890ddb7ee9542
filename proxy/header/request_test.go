package header

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/route"
)

// forward is a request from 198.51.100.1 to shop.example:8081.
func forward() *Forward {
	peer := netip.MustParseAddr("198.51.100.1")
	return &Forward{
		Peer: peer, PeerText: peer.String(),
		Vars: &route.Vars{Target: "/a?b", Path: "/a", Query: "b", Host: "shop.example:8081", Scheme: "http", ClientIP: peer},
	}
}

func mustRules(t testing.TB, lines ...string) *Rules {
	t.Helper()
	rules, err := CompileRules(fields(lines...))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// ours is what every request of forward gets.
var ours = []string{"X-Real-IP: 198.51.100.1", "X-Forwarded-For: 198.51.100.1", "X-Forwarded-Proto: http"}

func TestX1X2X3R15ARequestFromAnUntrustedPeer(t *testing.T) {
	for _, tt := range []struct {
		about string
		in    []string
		want  []string // behind Host, before ours
	}{
		{"ordinary fields pass in order", []string{"Host: x", "Accept: a", "Cookie: b", "Accept: c"}, []string{"Accept: a", "Cookie: b", "Accept: c"}},
		{"X1 connection fields end here", []string{
			"Connection: keep-alive, TE", "Keep-Alive: timeout=5", "Proxy-Connection: x", "TE: trailers", "Trailer: x",
			"Transfer-Encoding: chunked", "Upgrade: h2c", "HTTP2-Settings: x", "Proxy-Authorization: x", "Proxy-Authenticate: x",
			"Content-Length: 3", "Expect: 100-continue", "Accept: a",
		}, []string{"Accept: a"}},
		{"X1 nominated fields end here", []string{"Connection: close, X-Debug ,,x-other", "x-debug: 1", "X-Other: 2", "X-More: 3"}, []string{"X-More: 3"}},
		{"X1 several Connection lines", []string{"Connection: X-A", "connection: X-B", "X-A: 1", "X-B: 2"}, nil},
		{"X2 ours cannot be nominated away", []string{"Connection: X-Real-IP, x-forwarded-for, X-Forwarded-Proto, Host", "X-Real-IP: 6.6.6.6"}, nil},
		{"X3 forwarded fields are replaced", []string{
			"X-Real-IP: 6.6.6.6", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Forwarded-Port: 1",
			"X-Forwarded-Prefix: //evil", "X-Forwarded-User: root", "Forwarded: for=6.6.6.6", "X-Request-Id: 1\t2",
		}, nil},
		{"R15 underscores make no alias", []string{
			"X_Real_IP: 6.6.6.6", "X_Forwarded_For: 6.6.6.6", "Content_Length: 0", "Transfer_Encoding: chunked", "X_Request_Id: 1",
			"X_Forwarded_User: root", "Host_: x", "My_Own: kept",
		}, []string{"Host_: x", "My_Own: kept"}},
		{"a Proxy field is no HTTP_PROXY", []string{"Proxy: http://evil"}, nil},
	} {
		got := AppendRequest(nil, fields(tt.in...), Trust{}, nil, forward())
		want := append([]string{"Host: shop.example:8081"}, tt.want...)
		wantFields(t, tt.about, got, append(want, ours...)...)
	}
}

func TestX3ARequestFromATrustedPeer(t *testing.T) {
	trust, err := ParseTrust([]string{"198.51.100.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	in := fields(
		"X-Forwarded-For: 6.6.6.6, 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.example",
		"X-Forwarded-Prefix: /outer", "X-Forwarded-Port: 443", "Forwarded: for=203.0.113.9", "X-Request-Id: abc",
		"X-Real-IP: 6.6.6.6", "X_Forwarded_For: 6.6.6.6",
	)
	f := forward()
	f.Vars.ClientIP = trust.Client(f.Peer, in)
	f.Prefix, f.RequestID = "/api", "ours"
	wantFields(
		t, "a trusted peer's word passes, ours is added", AppendRequest(nil, in, trust, nil, f),
		"Host: shop.example:8081", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.example", "X-Forwarded-Port: 443",
		"Forwarded: for=203.0.113.9", "X-Request-Id: abc", "X-Real-IP: 203.0.113.9",
		"X-Forwarded-For: 6.6.6.6, 203.0.113.9, 198.51.100.1", "X-Forwarded-Prefix: /outer/api",
	)
	f = forward()
	f.Prefix, f.RequestID = "/api", "ours"
	wantFields(
		t, "a silent one gets what anybody gets", AppendRequest(nil, nil, trust, nil, f),
		"Host: shop.example:8081", ours[0], ours[1], ours[2], "X-Forwarded-Prefix: /api", "X-Request-Id: ours",
	)
}

func TestAppendRequestRules(t *testing.T) {
	rules := mustRules(
		t, "Host: search.internal", "X-User: fixed", "X-Where: {scheme}://{host}{uri}",
		"Accept-Encoding:", "X-Forwarded-For: {client_ip}", "X-Real-IP:",
	)
	in := fields("Accept-Encoding: gzip", "Accept_Encoding: gzip", "X-User: evil", "X_USER: evil", "x-where: evil", "X-Forwarded-For: 6.6.6.6", "Accept: a")
	wantFields(
		t, "a rule's field is the rule's alone", AppendRequest(nil, in, Trust{}, rules, forward()),
		"Host: search.internal", "Accept: a", "X-Forwarded-Proto: http", "X-Forwarded-Host: shop.example:8081",
		"X-User: fixed", "X-Where: http://shop.example/a?b", "X-Forwarded-For: 198.51.100.1",
	)
}

func TestF11UpgradeToken(t *testing.T) {
	for _, tt := range []struct {
		about string
		in    []string
		want  string
	}{
		{"asked for", []string{"Connection: keep-alive, Upgrade", "Upgrade: WebSocket"}, "websocket"},
		{"not nominated", []string{"Connection: keep-alive", "Upgrade: websocket"}, ""},
		{"nothing to upgrade to", []string{"Connection: upgrade"}, ""},
		{"not allowed", []string{"Connection: upgrade", "Upgrade: h2c"}, ""},
		{"two tokens", []string{"Connection: upgrade", "Upgrade: websocket, h2c"}, ""},
		{"two lines", []string{"Connection: upgrade", "Upgrade: websocket", "Upgrade: websocket"}, ""},
	} {
		in := fields(tt.in...)
		got := UpgradeToken(in, []string{"websocket"})
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.about, got, tt.want)
		}
		if got == "" {
			continue
		}
		f := forward()
		f.Upgrade = got
		out := append(append([]string{"Host: shop.example:8081"}, ours...), "Connection: Upgrade", "Upgrade: websocket")
		wantFields(t, tt.about, AppendRequest(nil, in, Trust{}, nil, f), out...)
	}
}

func TestCompileRulesNamesEveryProblem(t *testing.T) {
	_, err := CompileRules([]Field{
		{"X Y", "a"},
		{"", "a"},
		{"Connection", "x"},
		{"content-length", "1"},
		{"Upgrade", "x"},
		{"Host", ""},
		{"X-A", "a\r\nb"},
		{"X-B", "{port}"},
		{"X-C", " a"},
		{"X-D", "1"},
		{"x_d", "2"},
		{"Location", "https:{uri}"},
	})
	if err == nil {
		t.Fatal("CompileRules accepts it, want an error")
	}
	for _, want := range []string{
		`"X Y" is not a token`, `"" is not a token`, `"Connection" belongs`, `"content-length" belongs`, `"Upgrade" belongs`,
		`"Host" cannot be removed`, `"X-A": `, "{port} is not a placeholder", `"X-C": the value`, `"x_d" is there twice`, "choose the host",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func TestX1ManyNominatedFieldsAllEndHere(t *testing.T) {
	var in, names []string
	for i := range 300 {
		name := fmt.Sprintf("X-N%d", i)
		names = append(names, name)
		in = append(in, name+": v")
	}
	in = append(in, "Connection: "+strings.ToUpper(strings.Join(names, ",")))
	got := AppendRequest(nil, fields(in...), Trust{}, nil, forward())
	wantFields(t, "300 nominated fields", got, append([]string{"Host: shop.example:8081"}, ours...)...)
}

// browser is a request's fields as a browser sends them, about 330 bytes.
func browser() []Field {
	return fields(
		"Host: shop.example:8081", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language: en-US,en;q=0.5",
		"Accept-Encoding: gzip, deflate, br", "Connection: keep-alive", "Cookie: session=0123456789abcdef", "Cache-Control: max-age=0",
	)
}

func TestAppendRequestDoesNotAllocate(t *testing.T) {
	in, f, dst := browser(), forward(), make([]Field, 0, 32)
	rules := mustRules(t, "X-User: fixed", "Accept-Encoding:")
	if n := testing.AllocsPerRun(100, func() { AppendRequest(dst, in, Trust{}, rules, f) }); n != 0 {
		t.Errorf("AppendRequest allocates %v times, want 0", n)
	}
}

func BenchmarkAppendRequest(b *testing.B) {
	in, f, dst := browser(), forward(), make([]Field, 0, 32)
	b.ReportAllocs()
	for b.Loop() {
		AppendRequest(dst, in, Trust{}, nil, f)
	}
}
