package http1

import (
	"strings"
	"testing"
)

func TestF14TheEndOfAnAnswer(t *testing.T) {
	checkResponses(t, []wireCase{
		{"a length", answer("Content-Length: 5"), "200 OK, 5 octets, kept alive"},
		{"a length of 0", answer("Content-Length: 0"), "200 OK, no body but the length 0, kept alive"},
		{"chunks", answer("Transfer-Encoding: chunked"), "200 OK, chunked, kept alive"},
		{"neither", answer(), "200 OK, until the close, closes"},
		{"neither, whatever Connection says", answer("Connection: keep-alive"), "200 OK, until the close, closes"},
		{"204 whatever it says", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 No Content, no body, kept alive"},
		{"204 with chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "204 No Content, no body, kept alive"},
		{"304 tells a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 Not Modified, no body but the length 5, kept alive"},
		{"304", "HTTP/1.1 304 Not Modified\r\n\r\n", "304 Not Modified, no body, kept alive"},
		{"both framings", answer("Content-Length: 5", "Transfer-Encoding: chunked"), "502 both a Content-Length and a Transfer-Encoding"},
		{"both framings in a 204", "HTTP/1.1 204 No\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "502 both a Content-Length and a Transfer-Encoding"},
		{"two lengths", answer("Content-Length: 5", "Content-Length: 5"), "502 more than one Content-Length"},
		{"a length that is none", answer("Content-Length: +5"), "502 the Content-Length is not a number"},
		{"a length past 2^63", answer("Content-Length: 9223372036854775808"), "502 the Content-Length is beyond all bounds"},
		{"another coding", answer("Transfer-Encoding: gzip, chunked"), "502 the Transfer-Encoding holds a coding that is not known"},
		{"a coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "502 a Transfer-Encoding in HTTP/1.0"},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "200 OK, 5 octets, HTTP/1.0, closes"},
		{"HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", "200 OK, 5 octets, HTTP/1.0, kept alive"},
		{"one that closes", answer("Connection: close", "Content-Length: 5"), "200 OK, 5 octets, closes"},
	})
	lim := DefaultLimits()
	for _, tt := range []wireCase{
		{"HEAD with a length", answer("Content-Length: 5"), "200 OK, no body but the length 5, kept alive"},
		{"HEAD with chunks", answer("Transfer-Encoding: chunked"), "200 OK, no body, kept alive"},
		{"HEAD with neither", answer(), "200 OK, no body, kept alive"},
		{"HEAD with both", answer("Content-Length: 5", "Transfer-Encoding: chunked"), "502 both a Content-Length and a Transfer-Encoding"},
	} {
		checkParse(t, tt, parseResponse(true, &lim))
	}
}

func TestF14GarbageIsNoAnswer(t *testing.T) {
	const garbage = "502 the status line is not one of HTTP/1"
	checkResponses(t, []wireCase{
		{"no reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", "200, 5 octets, kept alive"},
		{"no reason and no space", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", "200, 5 octets, kept alive"},
		{"a reason of any text", "HTTP/1.1 200 \xc3\xa4 b\tc\r\nContent-Length: 5\r\n\r\n", "200 \xc3\xa4 b\tc, 5 octets, kept alive"},
		{"a status that has no name", "HTTP/1.1 599 x\r\nContent-Length: 5\r\n\r\n", "599 x, 5 octets, kept alive"},
		{"1.2 is read as 1.1", "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\n", "200 OK, 5 octets, kept alive"},
		{"HTTP/0.9", "<html>", garbage},
		{"another protocol", "SSH-2.0-OpenSSH\r\n", garbage},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", garbage},
		{"in lower case", "http/1.1 200 OK\r\n\r\n", garbage},
		{"two digits", "HTTP/1.1 20 OK\r\n\r\n", garbage},
		{"four digits", "HTTP/1.1 2000 OK\r\n\r\n", garbage},
		{"a sign", "HTTP/1.1 +20 OK\r\n\r\n", garbage},
		{"099", "HTTP/1.1 099 OK\r\n\r\n", garbage},
		{"600", "HTTP/1.1 600 OK\r\n\r\n", garbage},
		{"two spaces", "HTTP/1.1  200 OK\r\n\r\n", garbage},
		{"a tab", "HTTP/1.1\t200 OK\r\n\r\n", garbage},
		{"a tab behind the status", "HTTP/1.1 200\tOK\r\n\r\n", garbage},
		{"NUL in the reason", "HTTP/1.1 200 O\x00K\r\n\r\n", garbage},
		{"an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", garbage},
		{"LF behind the status line", "HTTP/1.1 200 OK\nX: y\r\n\r\n", "502 an LF without its CR"},
		{"CR in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", "502 a CR without its LF"},
		{"LF in a value", answer("X: a\nSet-Cookie: b"), "502 an LF without its CR"},
		{"CR in a value", answer("X: a\rSet-Cookie: b"), "502 a CR without its LF"},
		{"NUL in a value", answer("X: a\x00b"), "502 a field value holds a control octet"},
		{"a space before the colon", answer("Content-Length : 5"), "502 whitespace between a field name and its colon"},
		{"a folded line", answer("X: a", " b"), "502 a field is folded over two lines"},
		{"whitespace before the first field", answer(" X: a"), "502 a field is folded over two lines"},
		{"a line without a colon", answer("X"), "502 a field line without a colon"},
		{"a head that never ends", answer("X: " + strings.Repeat("a", DefaultHead)), "502 the head is too long"},
		{"fields that never end", answer(slicesRepeat("a: b", DefaultFields+1)...), "502 the head has too many fields"},
	})
}

func TestF13InterimAnswersAreHeadsOfTheirOwn(t *testing.T) {
	const wire = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nContent-Length: 9\r\n\r\n"
	checkResponses(t, []wireCase{
		{"100", "HTTP/1.1 100 Continue\r\n\r\n", "100 Continue, no body, kept alive"},
		{"103, whatever its fields say", wire, "103 Early Hints, no body, kept alive"},
		{"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "101 Switching Protocols, no body, kept alive"},
	})
	stream := []byte("HTTP/1.1 100 Continue\r\n\r\n" + wire + wire + answer("Content-Length: 5") + "hello")
	lim := DefaultLimits()
	var told []string
	for {
		n, sentence := parseResponse(false, &lim)(stream)
		if n == 0 {
			break
		}
		told = append(told, sentence[:3])
		stream = stream[n:]
	}
	if got, want := strings.Join(told, " ")+" "+string(stream), "100 103 103 200 hello"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestF13WhoGetsAnInterimAnswer(t *testing.T) {
	for _, tt := range []struct {
		about   string
		status  int
		minor   int
		expects bool
		want    bool
	}{
		{"103 to a client of 1.1", 103, 1, false, true},
		{"102 to a client of 1.1", 102, 1, false, true},
		{"103 to a client of 1.0", 103, 0, false, false},
		{"100 to a client that waits for it", 100, 1, true, true},
		{"100 to a client that does not", 100, 1, false, false},
		{"100 to a client of 1.0", 100, 0, true, false},
		{"101 is no interim answer", 101, 1, true, false},
		{"200 neither", 200, 1, true, false},
	} {
		if got := ForwardsInterim(tt.status, tt.minor, tt.expects); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.about, got, tt.want)
		}
	}
}
