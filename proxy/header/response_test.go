package header

import "testing"

func TestX1X4TheFieldsOfAnAnswer(t *testing.T) {
	const date = "Sun, 06 Nov 1994 08:49:37 GMT"
	for _, tt := range []struct {
		about     string
		in, rules []string
		upgrade   string
		want      []string
	}{
		{
			"the application's Server, Location and Refresh pass untouched",
			[]string{"Server: TornadoServer/6.2", "Location: http://tornados/x", "Refresh: 0;url=http://tornados/", "Set-Cookie: a=1", "Set-Cookie: b=2"},
			nil, "",
			[]string{"Server: TornadoServer/6.2", "Location: http://tornados/x", "Refresh: 0;url=http://tornados/", "Set-Cookie: a=1", "Set-Cookie: b=2", "Date: " + date},
		},
		{"X4 a Date passes", []string{"Date: yesterday"}, nil, "", []string{"Date: yesterday"}},
		{"X4 a second Date does not", []string{"Date: yesterday", "date: today"}, nil, "", []string{"Date: yesterday"}},
		{
			"X1 connection fields end here",
			[]string{
				"Connection: close, X-Hop", "X-Hop: 1", "Keep-Alive: x", "Proxy-Connection: x", "TE: x", "Trailer: x", "Transfer-Encoding: chunked",
				"Upgrade: h2c", "Proxy-Authenticate: x", "Content-Length: 1", "X-End: 2", "Date: d",
			},
			nil, "",
			[]string{"X-End: 2", "Date: d"},
		},
		{
			"X-Accel-* is hidden",
			[]string{"X-Accel-Redirect: /x", "x-accel-buffering: no", "X-Accel-Foo: 1", "X-Accelerate: 1", "Date: d"},
			nil, "",
			[]string{"X-Accelerate: 1", "Date: d"},
		},
		{
			"rules set and remove",
			[]string{"Server: x", "X-Frame-Options: ALLOW", "Date: d"},
			[]string{"Server:", "X-Frame-Options: DENY", "X-Path: {path}"},
			"",
			[]string{"Date: d", "X-Frame-Options: DENY", "X-Path: /a"},
		},
		{"a rule may remove Date", []string{"Date: d"}, []string{"Date:"}, "", nil},
		{
			"a tunnel keeps its token",
			[]string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: x", "Date: d"},
			nil, "websocket",
			[]string{"Sec-WebSocket-Accept: x", "Date: d", "Connection: Upgrade", "Upgrade: websocket"},
		},
	} {
		relay := &Relay{Date: date, Upgrade: tt.upgrade, Vars: forward().Vars}
		wantFields(t, tt.about, AppendResponse(nil, fields(tt.in...), mustRules(t, tt.rules...), relay), tt.want...)
	}
}

func TestRulesOnOurOwnAnswers(t *testing.T) {
	rules := mustRules(t, "Cache-Control: no-store", "ETag:", "X-A: b")
	in := fields("Content-Type: text/css", "ETag: x", "cache-control: max-age=1")
	wantFields(t, "rules win over the file's fields", rules.Append(nil, in, forward().Vars), "Content-Type: text/css", "Cache-Control: no-store", "X-A: b")
	var none *Rules
	wantFields(t, "no rules change nothing", none.Append(nil, in, nil), "Content-Type: text/css", "ETag: x", "cache-control: max-age=1")
}

func BenchmarkAppendResponse(b *testing.B) {
	in := fields("Server: TornadoServer/6.2", "Content-Type: text/html", "Date: x", "Etag: y", "Content-Length: 12")
	relay, dst := &Relay{Date: "d", Vars: forward().Vars}, make([]Field, 0, 32)
	b.ReportAllocs()
	for b.Loop() {
		AppendResponse(dst, in, nil, relay)
	}
}
