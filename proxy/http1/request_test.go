package http1

import (
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/header"
)

func TestR1OnlyCRLFEndsALine(t *testing.T) {
	checkRequests(t, []wireCase{
		{"CRLF", get(), "GET / of h, no body, kept alive"},
		{"LF behind the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", "400 an LF without its CR"},
		{"LF behind a field", "GET / HTTP/1.1\r\nHost: h\n\r\n", "400 an LF without its CR"},
		{"LF for the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\n", "400 an LF without its CR"},
		{"LF before the request line", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "400 an LF without its CR"},
		{"CR in the request line", "GET / HTTP/1.1\rHost: h\r\n\r\n", "400 a CR without its LF"},
		{"CR in the target", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
		{"CR in a name", "GET / HTTP/1.1\r\nHo\rst: h\r\n\r\n", "400 a field line without a colon"},
		{"CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "400 a CR without its LF"},
		{"CR behind a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\r\n\r\n", "400 a CR without its LF"},
		{"CR at the end", "GET / HTTP/1.1\r\nHost: h\r\n\rX", "400 a CR without its LF"},
	})
}

func TestR2FewEmptyLinesComeFirst(t *testing.T) {
	checkRequests(t, []wireCase{
		{"one", "\r\n" + get(), "GET / of h, no body, kept alive"},
		{"four", "\r\n\r\n\r\n\r\n" + get(), "GET / of h, no body, kept alive"},
		{"five", "\r\n\r\n\r\n\r\n\r\n" + get(), "400 the method is not a token"},
		{"a blank", " \r\n" + get(), "400 the method is not a token"},
		{"nothing else", "\r\n\r\n", "more"},
	})
	lim := Limits{RequestLine: DefaultRequestLine, Head: DefaultHead, Fields: DefaultFields, NoEmptyLines: true}
	for _, tt := range []wireCase{
		{"none behind a body", get(), "GET / of h, no body, kept alive"},
		{"one behind a body", "\r\n" + get(), "400 the method is not a token"},
	} {
		checkParse(t, tt, parseRequest(&lim))
	}
}

func TestR3WhitespaceBeforeTheFirstField(t *testing.T) {
	checkRequests(t, []wireCase{
		{"a space", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "400 whitespace before the first field"},
		{"a tab", "GET / HTTP/1.1\r\n\tHost: h\r\n\r\n", "400 whitespace before the first field"},
		{"a blank line", "GET / HTTP/1.1\r\n \r\nHost: h\r\n\r\n", "400 whitespace before the first field"},
	})
}

func TestR4TheRequestLineHasOneForm(t *testing.T) {
	refused := "400"
	checkRequests(t, []wireCase{
		{"a query", request("GET /a?b=c%20d&e HTTP/1.1"), "GET /a?b=c%20d&e of h, no body, kept alive"},
		{"octets that RFC 3986 leaves out", request("GET /a|b\"{}<>\\^`[] HTTP/1.1"), "GET /a|b\"{}<>\\^`[] of h, no body, kept alive"},
		{"two spaces before the target", request("GET  / HTTP/1.1"), refused},
		{"two spaces behind it", request("GET /  HTTP/1.1"), refused},
		{"a space in it", request("GET /a b HTTP/1.1"), refused},
		{"a space at the end", request("GET / HTTP/1.1 "), refused},
		{"a space at the beginning", request(" GET / HTTP/1.1"), refused},
		{"a tab between", request("GET\t/ HTTP/1.1"), refused},
		{"a vertical tab between", request("GET /\vHTTP/1.1"), refused},
		{"no target", request("GET HTTP/1.1"), refused},
		{"no method", request("/ HTTP/1.1"), refused},
		{"a fragment", request("GET /a#b HTTP/1.1"), "400 the request target holds an octet that no URI may hold"},
		{"NUL", request("GET /a\x00b HTTP/1.1"), refused},
		{"DEL", request("GET /a\x7fb HTTP/1.1"), refused},
		{"UTF-8", request("GET /\xc3\xa4 HTTP/1.1"), refused},
		{"a no-break space", request("GET /\xa0 HTTP/1.1"), refused},
		{"TLS", "\x16\x03\x01\x02\x00\x01", "400 the method is not a token"},
		{"a TLS record's first octet", "\x16", "400 the method is not a token"},
	})
}

func TestR5TheMethodIsAToken(t *testing.T) {
	long := strings.Repeat("M", maxMethod)
	checkRequests(t, []wireCase{
		{"an unknown one", request("BREW / HTTP/1.1"), "BREW / of h, no body, kept alive"},
		{"in lower case it is another", request("get / HTTP/1.1"), "get / of h, no body, kept alive"},
		{"with a dash", request("VERSION-CONTROL / HTTP/1.1"), "VERSION-CONTROL / of h, no body, kept alive"},
		{"no token", request("G(T / HTTP/1.1"), "400 the method is not a token"},
		{"not ASCII", request("G\xc3\xa4T / HTTP/1.1"), "400 the method is not a token"},
		{"as long as may be", request(long + " / HTTP/1.1"), long + " / of h, no body, kept alive"},
		{"longer", long + "M", "501 the method is longer than any that is known"},
	})
}

func TestR6Versions(t *testing.T) {
	checkRequests(t, []wireCase{
		{"1.1", get(), "GET / of h, no body, kept alive"},
		{"1.0", request("GET / HTTP/1.0"), "GET / of h, no body, HTTP/1.0, closes"},
		{"1.2 is read as 1.1", request("GET / HTTP/1.2"), "GET / of h, no body, kept alive"},
		{"1.9 is read as 1.1", request("GET / HTTP/1.9"), "GET / of h, no body, kept alive"},
		{"2.0", request("GET / HTTP/2.0"), "505 the HTTP version is not 1.0 or 1.1"},
		{"2", request("GET / HTTP/2"), "505 the HTTP version is not 1.0 or 1.1"},
		{"3.0", "GET / HTTP/3", "505 the HTTP version is not 1.0 or 1.1"},
		{"0.9 by its form", "GET /\r\n", "400"},
		{"0.9 by its name", request("GET / HTTP/0.9"), "400 the request line does not end in an HTTP version"},
		{"in lower case", request("GET / http/1.1"), "400 the request line does not end in an HTTP version"},
		{"another protocol", request("GET / RTSP/1.0"), "400 the request line does not end in an HTTP version"},
		{"two digits", request("GET / HTTP/1.10"), "400 the request line does not end in an HTTP version"},
		{"two digits before the dot", request("GET / HTTP/11.1"), "400 the request line does not end in an HTTP version"},
		{"no minor version", request("GET / HTTP/1"), "400 the request line does not end in an HTTP version"},
		{"a letter", request("GET / HTTP/1.x"), "400 the request line does not end in an HTTP version"},
		{"nothing", request("GET / "), "400 the request line does not end in an HTTP version"},
	})
}

func TestR7LongHeads(t *testing.T) {
	checkRequests(t, []wireCase{
		{"a request line of 8000 octets", request("GET /" + strings.Repeat("a", 7986) + " HTTP/1.1"), "GET /" + strings.Repeat("a", 7986) + " of h, no body, kept alive"},
		{"one that never ends", "GET /" + strings.Repeat("a", DefaultRequestLine), "414 the request line is too long"},
		{"a value that never ends", "GET / HTTP/1.1\r\nX: " + strings.Repeat("a", DefaultHead), "431 the head is too long"},
		{"a name that never ends", "GET / HTTP/1.1\r\n" + strings.Repeat("a", DefaultHead), "431 the head is too long"},
		{"1000 fields", get(slicesRepeat("a: b", DefaultFields-1)...), "GET / of h, no body, kept alive"},
		{"1001 fields", get(slicesRepeat("a: b", DefaultFields)...), "431 the head has too many fields"},
	})
	const line = "GET /1234567 HTTP/1.1" // 21 octets
	for _, tt := range []struct {
		wireCase
		lim Limits
	}{
		{wireCase{"a line as long as may be", request(line), "GET /1234567 of h, no body, kept alive"}, Limits{21, 99, 9, false}},
		{wireCase{"a line one longer", request(line), "414 the request line is too long"}, Limits{20, 99, 9, false}},
		{wireCase{"a head as long as may be", request(line), "GET /1234567 of h, no body, kept alive"}, Limits{21, 34, 9, false}},
		{wireCase{"a head one longer", request(line), "431 the head is too long"}, Limits{21, 33, 9, false}},
		{wireCase{"empty lines count", "\r\n" + request(line), "431 the head is too long"}, Limits{21, 35, 9, false}},
		{wireCase{"fields as many as may be", request(line), "GET /1234567 of h, no body, kept alive"}, Limits{21, 34, 1, false}},
		{wireCase{"one more", request(line, "a: b"), "431 the head has too many fields"}, Limits{21, 99, 1, false}},
	} {
		checkParse(t, tt.wireCase, parseRequest(&tt.lim))
	}
}

func slicesRepeat(s string, n int) []string {
	return strings.Split(strings.Repeat(s+"\n", n-1)+s, "\n")
}

func TestR8FieldNames(t *testing.T) {
	checkRequests(t, []wireCase{
		{"every token octet", get("!#$%&'*+-.^_`|~09azAZ: x"), "GET / of h, no body, kept alive"},
		{"a space before the colon", get("X : a"), "400 whitespace between a field name and its colon"},
		{"a tab before the colon", get("X\t: a"), "400 whitespace between a field name and its colon"},
		{"a space in it", get("X Y: a"), "400 whitespace between a field name and its colon"},
		{"an empty one", get(": a"), "400 a field without a name"},
		{"no colon", get("X"), "400 a field line without a colon"},
		{"a control octet", get("X\x01: a"), "400 a field name is not a token"},
		{"NUL", get("X\x00: a"), "400 a field name is not a token"},
		{"not ASCII", get("X\xc3\xa4: a"), "400 a field name is not a token"},
		{"parentheses", get("X(Y): a"), "400 a field name is not a token"},
		{"a quote", get("\"X\": a"), "400 a field name is not a token"},
	})
}

func TestR9FieldValues(t *testing.T) {
	for c := range 256 {
		want := "GET / of h, no body, kept alive"
		switch {
		case c == '\n':
			want = "400 an LF without its CR"
		case c == '\r':
			want = "400 a CR without its LF"
		case c < ' ' && c != '\t', c == 0x7f:
			want = "400 a field value holds a control octet"
		}
		for _, value := range []string{"a" + string([]byte{byte(c)}) + "b", "0123456" + string([]byte{byte(c)}) + "89abcdef"} {
			checkRequests(t, []wireCase{{"an octet " + value, get("X: " + value), want}})
		}
	}
	lim := DefaultLimits()
	for in, want := range map[string]string{
		"X:a":                 "a",
		"X: a":                "a",
		"X: \t a b\t ":        "a b",
		"X:":                  "",
		"X: \t ":              "",
		"X: \xa0a\x85":        "\xa0a\x85", // spaces elsewhere, not here
		"X: \u00e4\u20ac":     "\u00e4\u20ac",
		"X: a: b":             "a: b",
		"X: 0123456\t8\tabcd": "0123456\t8\tabcd",
	} {
		var r Request
		if _, err := r.Parse([]byte(get(in)), &lim); err != nil || r.Fields[1].Value != want {
			t.Errorf("%q: got %v, %v, want the value %q", in, r.Fields, err, want)
		}
	}
}

func TestR10FoldedLinesAreRefused(t *testing.T) {
	checkRequests(t, []wireCase{
		{"by a space", get("X: a", " b"), "400 a field is folded over two lines"},
		{"by a tab", get("X: a", "\tb"), "400 a field is folded over two lines"},
		{"into nothing", get("X: a", " "), "400 a field is folded over two lines"},
		{"behind Host", get(" b"), "400 a field is folded over two lines"},
	})
}

func TestR11OneValidHost(t *testing.T) {
	with := func(lines ...string) string {
		return "GET / HTTP/1.1\r\n" + strings.Join(append(lines, "", ""), "\r\n")
	}
	for _, host := range []string{
		"h", "shop.example", "SHOP.example.", "shop.example:8081", "shop.example:", "127.0.0.1:80", "a_b",
		"[::1]", "[::1]:443", "[2001:db8::1]:", "[::ffff:127.0.0.1]", strings.Repeat("a", maxHost),
	} {
		checkRequests(t, []wireCase{{"the host " + host, with("Host: " + host), "GET / of " + host + ", no body, kept alive"}})
	}
	for _, host := range []string{
		"", ".", ":80", "a b", "a,b@c", "u@h", "h:80:80", "h:x", "h:65536", "h:-1", "h:+1", "h/", "h?", "h#", "h\\", "a%2eb", "\u00e4",
		"[::1", "[::1]x", "[::1]:x", "[]", "[127.0.0.1]", "[::1%25lo]", "[::1%lo]", "[v1.a]", "::1", "\"h\"", "<h>",
		strings.Repeat("a", maxHost+1), "[" + strings.Repeat("1", 999),
	} {
		checkRequests(t, []wireCase{{"the host " + host, with("Host: " + host), "400 the Host field is not a host with an optional port"}})
	}
	checkRequests(t, []wireCase{
		{"none", with(), "400 no Host field"},
		{"none but in another field", with("X-Host: h"), "400 no Host field"},
		{"two", with("Host: a", "Host: b"), "400 more than one Host field"},
		{"two that are equal", with("Host: h", "host: h"), "400 more than one Host field"},
		{"none in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET / of nobody, no body, HTTP/1.0, closes"},
		{"two in HTTP/1.0", request("GET / HTTP/1.0", "Host: h"), "400 more than one Host field"},
		{"an invalid one in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", "400"},
	})
}

func TestR12AbsoluteFormIsReduced(t *testing.T) {
	checkRequests(t, []wireCase{
		{"with a path", request("GET http://h/a?b HTTP/1.1"), "GET /a?b of h, no body, kept alive"},
		{"without one", request("GET http://h HTTP/1.1"), "GET / of h, no body, kept alive"},
		{"with a query alone", request("GET http://h?b HTTP/1.1"), "GET /?b of h, no body, kept alive"},
		{"https, in capitals", request("GET HTTPS://h/ HTTP/1.1"), "GET / of h, no body, kept alive"},
		{"a host in another case", request("GET http://H/ HTTP/1.1"), "GET / of h, no body, kept alive"},
		{"another host than the field's", request("GET http://other/ HTTP/1.1"), "400 the Host field and the request target name different hosts"},
		{"another port", request("GET http://h:81/ HTTP/1.1"), "400 the Host field and the request target name different hosts"},
		{"no Host field in HTTP/1.0", "GET http://a:80/b HTTP/1.0\r\n\r\n", "GET /b of a:80, no body, HTTP/1.0, closes"},
		{"no Host field in HTTP/1.1", "GET http://a/b HTTP/1.1\r\n\r\n", "400 no Host field"},
		{"user information", request("GET http://u:p@h/ HTTP/1.1"), "400 the request target has not the form that its method asks for"},
		{"an empty host", request("GET http:///a HTTP/1.1"), "400"},
		{"a host that is none", request("GET http://a%2eb/ HTTP/1.1"), "400"},
		{"another scheme", request("GET ftp://h/ HTTP/1.1"), "400"},
		{"no scheme", request("GET h/a HTTP/1.1"), "400"},
		{"a path with two slashes is a path", request("GET //other/a HTTP/1.1"), "GET //other/a of h, no body, kept alive"},
	})
}

func TestR13FormsBelongToMethods(t *testing.T) {
	const wrong = "400 the request target has not the form that its method asks for"
	checkRequests(t, []wireCase{
		{"asterisk-form", request("OPTIONS * HTTP/1.1"), "OPTIONS * of h, no body, kept alive"},
		{"asterisk-form with GET", request("GET * HTTP/1.1"), wrong},
		{"asterisk-form with more", request("OPTIONS *x HTTP/1.1"), wrong},
		{"OPTIONS of a host becomes it", request("OPTIONS http://h HTTP/1.1"), "OPTIONS * of h, no body, kept alive"},
		{"OPTIONS of a host's root does not", request("OPTIONS http://h/ HTTP/1.1"), "OPTIONS / of h, no body, kept alive"},
		{"OPTIONS of a host with a query does not", request("OPTIONS https://h?a HTTP/1.1"), "OPTIONS /?a of h, no body, kept alive"},
		{"authority-form", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", "CONNECT a.example:443 of a.example:443, no body, kept alive"},
		{"authority-form of a literal", "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n", "CONNECT [::1]:443 of [::1]:443, no body, kept alive"},
		{"authority-form and another Host", request("CONNECT a.example:443 HTTP/1.1"), "400 the Host field and the request target name different hosts"},
		{"authority-form without a port", request("CONNECT a.example HTTP/1.1"), wrong},
		{"authority-form without a port's digits", request("CONNECT a.example: HTTP/1.1"), wrong},
		{"authority-form of a literal without a port", request("CONNECT [::1] HTTP/1.1"), wrong},
		{"authority-form with GET", request("GET a.example:443 HTTP/1.1"), wrong},
		{"CONNECT with a path", request("CONNECT / HTTP/1.1"), wrong},
		{"CONNECT with a URI", request("CONNECT http://h/ HTTP/1.1"), wrong},
	})
}

func TestR16SingletonsComeOnce(t *testing.T) {
	const twice = "400 a field that may come once came twice"
	checkRequests(t, []wireCase{
		{"Authorization", get("Authorization: Basic YTpi", "authorization: Basic YTpi"), twice},
		{"Content-Type", get("Content-Type: a/b", "X: y", "CONTENT-TYPE: a/c"), twice},
		{"Host", get("Host: h"), "400 more than one Host field"},
		{"Content-Length", get("Content-Length: 1", "Content-Length: 1"), "400 more than one Content-Length"},
		{"Transfer-Encoding", get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "400 more than one Transfer-Encoding"},
		{"one of each", get("Authorization: x", "Content-Type: a/b", "Content-Length: 1"), "GET / of h, 1 octets, kept alive"},
		{"lists may come twice", get("Accept: a/b", "Accept: c/d", "Cookie: a=b", "Cookie: c=d"), "GET / of h, no body, kept alive"},
	})
	// Nothing is joined here: each line stays a field.
	var r Request
	lim := DefaultLimits()
	_, err := r.Parse([]byte(get("Via: 1.1 a", "Via: 1.1 b")), &lim)
	if want := (header.Field{Name: "Via", Value: "1.1 b"}); err != nil || len(r.Fields) != 3 || r.Fields[2] != want {
		t.Errorf("got %v, %v, want the last of three to be %v", r.Fields, err, want)
	}
}

func TestR17HTTP10AndKeepAlive(t *testing.T) {
	old := func(lines ...string) string { return request("POST / HTTP/1.0", lines...) }
	checkRequests(t, []wireCase{
		{"1.0 closes", old(), "POST / of h, no body, HTTP/1.0, closes"},
		{"1.0 stays when asked to", old("Connection: Keep-Alive"), "POST / of h, no body, HTTP/1.0, kept alive"},
		{"1.0 with both closes", old("Connection: keep-alive, close"), "POST / of h, no body, HTTP/1.0, closes"},
		{"1.0 with a length", old("Content-Length: 5"), "POST / of h, 5 octets, HTTP/1.0, closes"},
		{"1.0 with a coding", old("Transfer-Encoding: chunked"), "400 a Transfer-Encoding in HTTP/1.0"},
		{"1.0 with a coding and a length", old("Content-Length: 5", "Transfer-Encoding: chunked"), "400 a Transfer-Encoding in HTTP/1.0"},
		{"1.1 closes when asked to", post("Connection: close"), "POST / of h, no body, closes"},
		{"1.1 with a list of options", post("Connection: ,X-A,\t CLOSE ,"), "POST / of h, no body, closes"},
		{"1.1 with two lists", post("Connection: X-A", "Connection: close"), "POST / of h, no body, closes"},
		{"1.1 with an option that only looks so", post("Connection: closed, enclose"), "POST / of h, no body, kept alive"},
		{"Proxy-Connection means nothing", post("Proxy-Connection: close"), "POST / of h, no body, kept alive"},
	})
}

func TestF12Expectations(t *testing.T) {
	checkRequests(t, []wireCase{
		{"100-continue", post("Content-Length: 5", "Expect: 100-continue"), "POST / of h, 5 octets, expects 100, kept alive"},
		{"in any case", post("Expect: 100-CONTINUE", "Transfer-Encoding: chunked"), "POST / of h, chunked, expects 100, kept alive"},
		{"without a body", post("Expect: 100-continue"), "POST / of h, no body, kept alive"},
		{"with an empty body", post("Expect: 100-continue", "Content-Length: 0"), "POST / of h, no body but the length 0, kept alive"},
		{"in HTTP/1.0", request("POST / HTTP/1.0", "Expect: 100-continue", "Content-Length: 5"), "POST / of h, 5 octets, HTTP/1.0, closes"},
		{"another", post("Expect: 200-ok"), "417 an expectation other than 100-continue"},
		{"two", post("Expect: 100-continue, x"), "417 an expectation other than 100-continue"},
		{"an empty one", post("Expect:"), "417 an expectation other than 100-continue"},
	})
}

func TestHeadEnd(t *testing.T) {
	for wire, want := range map[string]int{
		"":                               -1,
		"GET / HTTP/1.1\r\n":             -1,
		"GET / HTTP/1.1\r\n\r\n":         18,
		"\r\n\r\nGET / HTTP/1.1\r\n":     -1,
		"\r\n\r\nGET / HTTP/1.1\r\n\r\n": 22,
		get() + "body\r\n\r\n":           len(get()),
	} {
		if got := HeadEnd([]byte(wire)); got != want {
			t.Errorf("HeadEnd(%q) = %d, want %d", wire, got, want)
		}
	}
}
