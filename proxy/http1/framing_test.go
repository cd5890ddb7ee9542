package http1

import (
	"strings"
	"testing"
)

func TestF1BothFramingsAreRefused(t *testing.T) {
	const both = "400 both a Content-Length and a Transfer-Encoding"
	checkRequests(t, []wireCase{
		{"the length first", post("Content-Length: 5", "Transfer-Encoding: chunked"), both},
		{"the coding first", post("Transfer-Encoding: chunked", "Content-Length: 5"), both},
		{"a length of 0", post("Content-Length: 0", "Transfer-Encoding: chunked"), both},
		{"far apart, in any case", post("CONTENT-LENGTH: 5", "X: y", "transfer-encoding: Chunked"), both},
	})
}

func TestF2ChunkedAndNothingElse(t *testing.T) {
	const (
		bad     = "400 the Transfer-Encoding is not chunked"
		unknown = "501 the Transfer-Encoding holds a coding that is not known"
		control = "400 a field value holds a control octet"
	)
	coding := func(value string) string { return post("Transfer-Encoding:" + value) }
	checkRequests(t, []wireCase{
		{"chunked", coding(" chunked"), "POST / of h, chunked, kept alive"},
		{"in any case", coding(" cHuNkEd"), "POST / of h, chunked, kept alive"},
		{"with whitespace around it", coding("\t chunked \t"), "POST / of h, chunked, kept alive"},
		{"twice in a list", coding(" chunked, chunked"), bad},
		{"before another", coding(" chunked, gzip"), bad},
		{"behind another", coding(" gzip, chunked"), unknown},
		{"identity", coding(" identity"), unknown},
		{"one that looks like it", coding(" xchunked"), unknown},
		{"one that begins like it", coding(" chunkedx"), unknown},
		{"nothing", coding(""), bad},
		{"a comma", coding(","), bad},
		{"a leading comma", coding(" ,chunked"), bad},
		{"a trailing comma", coding(" chunked,"), bad},
		{"quoted", coding(" \"chunked\""), bad},
		{"in single quotes", coding(" 'chunked'"), unknown},
		{"with a parameter", coding(" chunked;a=b"), bad},
		{"with a semicolon", coding(" chunked;"), bad},
		{"with a comment", coding(" chunked (x)"), bad},
		{"with a word behind it", coding(" chunked x"), bad},
		{"with a vertical tab", coding(" \vchunked"), control},
		{"with a form feed", coding(" chunked\f"), control},
		{"with NUL", coding(" chunked\x00"), control},
		{"with a no-break space", coding(" \xa0chunked"), bad},
		{"with an octet above ASCII", coding(" chunked\x85"), bad},
		{"on two lines", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "400 more than one Transfer-Encoding"},
		{"on two lines, with another", post("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), "400 more than one Transfer-Encoding"},
		{"on two lines, the first empty", post("Transfer-Encoding:", "Transfer-Encoding: chunked"), bad},
		{"with a space before the colon", post("Transfer-Encoding : chunked"), "400 whitespace between a field name and its colon"},
		{"folded", post("Transfer-Encoding:", " chunked"), bad},
		{"folded behind it", post("Transfer-Encoding: chunked", " , identity"), "400 a field is folded over two lines"},
	})
}

func TestF3ContentLengthIsDigits(t *testing.T) {
	const bad = "400 the Content-Length is not a number"
	length := func(value string) string { return post("Content-Length:" + value) }
	checkRequests(t, []wireCase{
		{"a number", length(" 5"), "POST / of h, 5 octets, kept alive"},
		{"nought", length(" 0"), "POST / of h, no body but the length 0, kept alive"},
		{"leading noughts", length(" 0005"), "POST / of h, 5 octets, kept alive"},
		{"many leading noughts", length(" " + strings.Repeat("0", 99) + "5"), "POST / of h, 5 octets, kept alive"},
		{"the largest", length(" 9223372036854775807"), "POST / of h, 9223372036854775807 octets, kept alive"},
		{"one more than it", length(" 9223372036854775808"), "413 the Content-Length is beyond all bounds"},
		{"2^64", length(" 18446744073709551616"), "413 the Content-Length is beyond all bounds"},
		{"hundreds of digits", length(" " + strings.Repeat("9", 400)), "413 the Content-Length is beyond all bounds"},
		{"hundreds of digits and a letter", length(" " + strings.Repeat("9", 400) + "x"), bad},
		{"empty", length(""), bad},
		{"a plus", length(" +5"), bad},
		{"a minus", length(" -5"), bad},
		{"a space inside", length(" 1 5"), bad},
		{"hexadecimal", length(" 0x5"), bad},
		{"an underscore", length(" 1_5"), bad},
		{"a point", length(" 5.0"), bad},
		{"an exponent", length(" 5e1"), bad},
		{"a list of equals", length(" 5, 5"), bad},
		{"a trailing comma", length(" 5,"), bad},
		{"a digit that is not ASCII", length(" \u0665"), bad},
		{"a no-break space", length(" 5\xa0"), bad},
		{"on two lines", post("Content-Length: 5", "Content-Length: 6"), "400 more than one Content-Length"},
		{"on two lines that are equal", post("Content-Length: 5", "Content-Length: 5"), "400 more than one Content-Length"},
		{"another field that looks like it", post("X-Content-Length: 5", "Content_Length: 5"), "POST / of h, no body, kept alive"},
	})
}

// Whether there is a body is said by the fields, whatever the method.
func TestF4F5ABodyHasNothingToDoWithTheMethod(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "BREW"} {
		checkRequests(t, []wireCase{
			{method + " with a length", request(method+" / HTTP/1.1", "Content-Length: 5"), method + " / of h, 5 octets, kept alive"},
			{method + " with chunks", request(method+" / HTTP/1.1", "Transfer-Encoding: chunked"), method + " / of h, chunked, kept alive"},
		})
	}
	checkRequests(t, []wireCase{
		{"an upgrade", get("Connection: Upgrade", "Upgrade: websocket", "Content-Length: 5"), "GET / of h, 5 octets, kept alive"},
	})
}
