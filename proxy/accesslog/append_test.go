package accesslog

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// noon is a second in a zone that is not UTC.
var noon = time.Date(2026, 11, 3, 12, 0, 9, 87_654_321, time.FixedZone("", 3600))

func ordinary() *Entry {
	return &Entry{
		Time: noon, Client: "203.0.113.7", Method: "GET", Target: "/static/a%20b.css?v=1", Minor: 1,
		Host: "example.com", Referer: "http://example.com/", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101",
		RequestID: "3f2a", Site: "shop", Upstream: "app", Instance: "app@8021",
		Status: 200, Tries: 1, Sent: 5120, Received: 0,
		Queue: -1, Connect: 0, FirstByte: 1_234_567, Total: 2*time.Second + 3*time.Millisecond,
	}
}

// localNoon is noon as the combined format has it on this machine.
func localNoon() string { return noon.Local().Format("02/Jan/2006:15:04:05 -0700") }

func TestCombinedIsNginxs(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Entry)
		want   string
	}{
		{
			"an ordinary request", func(*Entry) {},
			`203.0.113.7 - - [TIME] "GET /static/a%20b.css?v=1 HTTP/1.1" 200 5120 "http://example.com/" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"`,
		},
		{
			"without a referer and a user agent", func(e *Entry) { e.Referer, e.UserAgent, e.Minor = "", "", 0 },
			`203.0.113.7 - - [TIME] "GET /static/a%20b.css?v=1 HTTP/1.0" 200 5120 "-" "-"`,
		},
		{
			"what nginx escapes", func(e *Entry) {
				e.Target, e.Referer, e.UserAgent = `/"\`, "a\tb\x7f", "caf\u00e9 \xff\x00\x1b[31m"
			},
			`203.0.113.7 - - [TIME] "GET /\x22\x5C HTTP/1.1" 200 5120 "a\x09b\x7F" "caf\xC3\xA9 \xFF\x00\x1B[31m"`,
		},
		{
			"a client that left", func(e *Entry) { e.Status, e.Sent = 499, 0 },
			`203.0.113.7 - - [TIME] "GET /static/a%20b.css?v=1 HTTP/1.1" 499 0 "http://example.com/" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"`,
		},
		{
			"no request that could be read", func(e *Entry) { *e = Entry{Time: noon, Client: "::1", Status: 400, Sent: 150} },
			`::1 - - [TIME] "-" 400 150 "-" "-"`,
		},
		{
			"no request, but bytes", func(e *Entry) { *e = Entry{Time: noon, Client: "::1", Target: "\x16\x03", Status: 400} },
			`::1 - - [TIME] "\x16\x03" 400 0 "-" "-"`,
		},
		{
			"a client on a unix socket", func(e *Entry) { *e = Entry{Time: noon, Method: "GET", Target: "/", Minor: 1, Status: 204} },
			`- - - [TIME] "GET / HTTP/1.1" 204 0 "-" "-"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := ordinary()
			tt.change(e)
			got := string(Append(nil, Combined, e))
			if want := strings.Replace(tt.want, "TIME", localNoon(), 1) + "\n"; got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestJSONAndLogfmt(t *testing.T) {
	e := ordinary()
	want := `{"time":"2026-11-03T11:00:09.087Z","client":"203.0.113.7","method":"GET","target":"/static/a%20b.css?v=1",` +
		`"protocol":"HTTP/1.1","host":"example.com","status":200,"sent":5120,"received":0,"referer":"http://example.com/",` +
		`"user_agent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101","request_id":"3f2a","site":"shop","upstream":"app",` +
		`"instance":"app@8021","tries":1,"connect":0.000000,"first_byte":0.001234,"total":2.003000}` + "\n"
	if got := string(Append(nil, JSON, e)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	e.UserAgent, e.Referer = `a "b"`, ""
	want = `time=2026-11-03T11:00:09.087Z client=203.0.113.7 method=GET target="/static/a%20b.css?v=1" protocol=HTTP/1.1 ` +
		`host=example.com status=200 sent=5120 received=0 user_agent="a \"b\"" request_id=3f2a site=shop upstream=app ` +
		`instance=app@8021 tries=1 connect=0.000000 first_byte=0.001234 total=2.003000` + "\n"
	if got := string(Append(nil, Logfmt, e)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTheTimeIsThatOfEachEntry(t *testing.T) {
	var s stamp
	for _, at := range []time.Time{noon, noon.Add(time.Second), noon.Add(time.Second), noon, {}} {
		e := &Entry{Time: at}
		got := string(appendLine(nil, Combined, e, &s))
		if want := at.Local().Format("[02/Jan/2006:15:04:05 -0700]"); !strings.Contains(got, want) {
			t.Errorf("got %q, want %s in it", got, want)
		}
	}
}

// allTexts are the fields that a client or an app has a say in.
func allTexts(e *Entry) []*string {
	return []*string{
		&e.Client, &e.Method, &e.Target, &e.Host, &e.Referer, &e.UserAgent, &e.RequestID,
		&e.Site, &e.Upstream, &e.Instance,
	}
}

// wantOneLine holds for every line: it ends once, and nothing in it can move
// a cursor or end a quote.
func wantOneLine(t *testing.T, line []byte) {
	t.Helper()
	if len(line) == 0 || line[len(line)-1] != '\n' {
		t.Fatalf("%q does not end", line)
	}
	body := line[:len(line)-1]
	if !utf8.Valid(body) {
		t.Errorf("%q is not UTF-8", body)
	}
	for _, r := range string(body) {
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			t.Errorf("%q holds U+%04X", body, r)
		}
	}
}

func TestX20ControlBytesAreEscaped(t *testing.T) {
	values := []string{"\u0085\u009b31m", "\u2028", "\xc3", "\xed\xa0\x80", "a\r\n{\"status\":200}", `" 200 0 "`, "x=y z", `\`}
	for c := range 256 {
		values = append(values, string([]byte{'a', byte(c), 'b'}))
	}
	for _, value := range values {
		e := ordinary()
		for _, text := range allTexts(e) {
			*text = value
		}
		checkEntry(t, e)
	}
}

// checkEntry formats the entry in every way and reads it back.
func checkEntry(t *testing.T, e *Entry) {
	t.Helper()
	for _, f := range []Format{Combined, JSON, Logfmt} {
		wantOneLine(t, Append(nil, f, e))
	}
	line := string(Append(nil, Combined, e))
	if got := strings.Count(line, `"`); got != 6 {
		t.Errorf("%d quotes in %q, want 6", got, line)
	}
	var back map[string]any
	object := Append(nil, JSON, e)
	if err := json.Unmarshal(object, &back); err != nil {
		t.Fatalf("%q is no JSON: %v", object, err)
	}
	if got, want := back["user_agent"], strings.ToValidUTF8(e.UserAgent, "\uFFFD"); e.UserAgent != "" && got != want && utf8.ValidString(e.UserAgent) {
		t.Errorf("the user agent came back as %q, want %q", got, want)
	}
	if got := back["status"]; got != float64(e.Status) {
		t.Errorf("the status came back as %v, want %d", got, e.Status)
	}
	datagram := string(appendDatagram(nil, e)[lengthBytes:])
	for field := range strings.SplitSeq(strings.TrimSuffix(datagram, "\n"), "\n") {
		name, _, found := strings.Cut(field, "=")
		if !found || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
			t.Errorf("%q is no field of the journal", field)
		}
		wantOneLine(t, []byte(field+"\n"))
	}
}

func TestX20ThereIsNoPlaceForCredentials(t *testing.T) {
	kind := reflect.TypeFor[Entry]()
	for i := range kind.NumField() {
		name := strings.ToLower(kind.Field(i).Name)
		for _, never := range []string{"auth", "cookie", "user", "header", "fields"} {
			if strings.Contains(name, never) && name != "useragent" {
				t.Errorf("Entry.%s could hold a credential", kind.Field(i).Name)
			}
		}
	}
}

func FuzzAppend(f *testing.F) {
	f.Add("GET", "/", "example.com", "curl/8.0")
	f.Add("\x00", "/\r\n", "\"", "\xff\u2028\\")
	f.Fuzz(func(t *testing.T, method, target, host, agent string) {
		e := ordinary()
		e.Method, e.Target, e.Host, e.UserAgent = method, target, host, agent
		checkEntry(t, e)
	})
}

func TestFormattingDoesNotAllocate(t *testing.T) {
	e, room := ordinary(), make([]byte, 0, 4096)
	for _, f := range []Format{Combined, JSON, Logfmt} {
		if got := testing.AllocsPerRun(100, func() { Append(room, f, e) }); got != 0 {
			t.Errorf("format %d: %v allocations, want 0", f, got)
		}
	}
	if got := testing.AllocsPerRun(100, func() { appendDatagram(room, e) }); got != 0 {
		t.Errorf("the journal: %v allocations, want 0", got)
	}
}

func BenchmarkAppend(b *testing.B) {
	e, room := ordinary(), make([]byte, 0, 4096)
	e.UserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
	for _, f := range []Format{Combined, JSON, Logfmt} {
		b.Run(fmt.Sprint([]string{"combined", "json", "logfmt"}[f]), func(b *testing.B) {
			var s stamp
			for b.Loop() {
				appendLine(room, f, e, &s)
			}
		})
	}
}
