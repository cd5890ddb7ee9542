package http1

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// readChunks feeds wire in pieces of the given lengths (the rest as one) and
// tells what came out: "hello, then GET", "more after hello", or a refusal and
// what came before it.
func readChunks(wire []byte, pieces ...int) string {
	var c ChunkReader
	var data []byte
	for rest := wire; ; {
		n := len(rest)
		if len(pieces) > 0 {
			n = min(n, pieces[0])
			pieces = pieces[1:]
		}
		got, used, done, err := c.Next(slices.Clone(rest[:n]))
		data = append(data, got...)
		if err != nil {
			return fmt.Sprintf("%s after %s", refusal(err), data)
		}
		rest = rest[used:]
		c = thawed(c)
		switch {
		case done:
			return fmt.Sprintf("%s, then %s", data, rest)
		case used != n:
			return fmt.Sprintf("stopped after %d of %d octets", used, n)
		case len(rest) == 0:
			return fmt.Sprintf("more after %s", data)
		}
	}
}

// thawed is c after it was frozen, and thawed somewhere else.
func thawed(c ChunkReader) (again ChunkReader) {
	frozen, _ := c.AppendBinary(nil)
	if err := again.UnmarshalBinary(frozen); err != nil || again != c {
		panic(fmt.Sprintf("%+v thaws as %+v, %v", c, again, err))
	}
	return again
}

// checkChunks runs a case whole, byte by byte, cut in two everywhere, and with
// another message behind it.
func checkChunks(t *testing.T, cases []wireCase) {
	t.Helper()
	for _, tt := range cases {
		wire := []byte(tt.wire)
		got := readChunks(wire)
		if !meets(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.about, got, tt.want)
			continue
		}
		if bytewise := readChunks(wire, slices.Repeat([]int{1}, len(wire))...); bytewise != got {
			t.Errorf("%s: byte by byte: got %q, want %q", tt.about, bytewise, got)
		}
		for _, k := range cuts(len(wire), 0) {
			if cut := readChunks(wire, k); cut != got {
				t.Errorf("%s: cut at %d: got %q, want %q", tt.about, k, cut, got)
				break
			}
		}
		if strings.Contains(got, ", then ") {
			if followed := readChunks([]byte(tt.wire + tail)); followed != got+tail {
				t.Errorf("%s: with another behind it: got %q", tt.about, followed)
			}
		}
	}
}

func TestF5F6ChunksAreDecoded(t *testing.T) {
	const bad = "400 a chunk size is not a hexadecimal number"
	checkChunks(t, []wireCase{
		{"nothing", "0\r\n\r\n", ", then "},
		{"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello, then "},
		{"several", "5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\n\r\n", "hello, world, then "},
		{"hexadecimal in both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789, then "},
		{"leading noughts", "0005\r\nhello\r\n000\r\n\r\n", "hello, then "},
		{"octets that look like a size", "3\r\n0\r\n\r\n0\r\n\r\n", "0\r\n, then "},
		{"sixteen digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", "hello, then "},
		{"seventeen digits", "00000000000000005\r\nhello\r\n0\r\n\r\n", bad},
		{"the largest size", "7fffffffffffffff\r\n", "more after "},
		{"one more", "8000000000000000\r\n", bad},
		{"a size that wraps round", "10000000000000005\r\nhello", bad},
		{"no size", "\r\nhello", bad},
		{"0x", "0x5\r\nhello", "400"},
		{"an underscore", "1_0\r\n", bad},
		{"a plus", "+5\r\nhello", bad},
		{"a minus", "-5\r\nhello", bad},
		{"a letter", "g\r\n", bad},
		{"a space first", " 5\r\nhello", bad},
		{"a space behind", "5 \r\nhello", "400 a chunk extension is malformed"},
		{"a tab behind", "5\t\r\nhello", "400 a chunk extension is malformed"},
		{"NUL", "5\x00\r\nhello", bad},
		{"LF alone", "5\nhello", bad},
		{"CR alone", "5\rhello", "400 a CR without its LF"},
		{"CR twice", "5\r\r\nhello", "400 a CR without its LF"},
		{"data that is longer than its size", "4\r\nhello\r\n0\r\n\r\n", "400 chunk data does not end in CRLF"},
		{"data that is shorter", "6\r\nhello\r\n0\r\n\r\n", "400 chunk data does not end in CRLF"},
		{"LF behind the data", "5\r\nhello\n0\r\n\r\n", "400 chunk data does not end in CRLF"},
		{"CR behind the data", "5\r\nhello\r0\r\n\r\n", "400 chunk data does not end in CRLF"},
		{"nothing behind the data", "5\r\nhello0\r\n\r\n", "400 chunk data does not end in CRLF"},
		{"an empty line between", "5\r\nhello\r\n\r\n0\r\n\r\n", bad},
	})
}

func TestF7ExtensionsAreDropped(t *testing.T) {
	const bad = "400 a chunk extension is malformed"
	sized := func(ext string) string { return "5" + ext + "\r\nhello\r\n0\r\n\r\n" }
	checkChunks(t, []wireCase{
		{"a name", sized(";a"), "hello, then "},
		{"a name and a token", sized(";a=b"), "hello, then "},
		{"a quoted value", sized(`;a="b;c\"d\\ "`), "hello, then "},
		{"an empty quoted value", sized(`;a=""`), "hello, then "},
		{"several", sized(`;a;b=c;d="e"`), "hello, then "},
		{"whitespace where the grammar has it", sized(" ; a = b\t;\tc"), "hello, then "},
		{"on the last chunk", "5\r\nhello\r\n0;a=b\r\n\r\n", "hello, then "},
		{"as long as may be", sized(";" + strings.Repeat("a", maxExtension-1)), "hello, then "},
		{"much longer", sized(";" + strings.Repeat("a", maxExtension+maxSizeDigits)), "400 the chunk extensions are too long"},
		{"a bare semicolon", sized(";"), bad},
		{"two", sized(";;a"), bad},
		{"a semicolon at the end", sized(";a;"), bad},
		{"a space at the end", sized(";a "), bad},
		{"a space behind a value", sized(";a=b "), bad},
		{"no value", sized(";a="), bad},
		{"two values", sized(";a=b=c"), bad},
		{"two words", sized(";a b"), bad},
		{"no name", sized(";=b"), bad},
		{"no semicolon", sized("a=b"), "400"},
		{"LF", sized(";a\n"), bad},
		{"LF, and what could be a chunk", "5;a\nhello", bad},
		{"LF in quotes", sized(";a=\"b\nc\""), bad},
		{"CR in quotes", sized(";a=\"b\r\nc\""), bad},
		{"an escaped CR", sized(";a=\"b\\\r\nc\""), bad},
		{"CR alone", sized(";a\rb"), "400 a CR without its LF"},
		{"NUL", sized(";a=\x00"), bad},
		{"text behind the quotes", sized(`;a="b"c`), bad},
		{"a control octet", sized(";a=b\x01"), bad},
	})
	// Each is within its bound, and all together deliver next to nothing.
	const line = 200
	hostile := strings.Repeat("1;"+strings.Repeat("a", line)+"\r\nx\r\n", maxOverhead/(line-freeOverhead)+9)
	checkChunks(t, []wireCase{
		{"a flood", hostile, "400 the chunk extensions are too long"},
		{"tiny chunks are no flood", strings.Repeat("1\r\nx\r\n", 4000) + "0\r\n\r\n", strings.Repeat("x", 4000) + ", then "},
	})
}

func TestF8TrailersAreDropped(t *testing.T) {
	const bad = "400 a trailer field is malformed or may not be a trailer"
	with := func(lines ...string) string {
		return "5\r\nhello\r\n0\r\n" + strings.Join(append(lines, "", ""), "\r\n")
	}
	checkChunks(t, []wireCase{
		{"one", with("Digest: x"), "hello, then "},
		{"several", with("A: b", "C:", "D: \te\xff "), "hello, then "},
		{"names that only look forbidden", with("Content-Lengthy: 5", "Content-Lengt: 5", "X-Host: h", "Hos: h"), "hello, then "},
		{"Content-Length", with("Content-Length: 5"), bad},
		{"Transfer-Encoding in any case", with("A: b", "TRANSFER-encoding: chunked"), bad},
		{"Host", with("Host: h"), bad},
		{"Authorization", with("Authorization: x"), bad},
		{"a space before the colon", with("A : b"), bad},
		{"a folded line", with("A: b", " c"), bad},
		{"no colon", with("A"), bad},
		{"no name", with(": b"), bad},
		{"a control octet", with("A: \x01"), bad},
		{"LF alone", with("A: b\nC: d"), bad},
		{"CR alone", with("A: b\rC: d"), "400 a CR without its LF"},
		{"LF alone at the end", "0\r\n\n", bad},
		{"CR alone at the end", "0\r\n\rx", "400 a CR without its LF"},
		{"a flood", with("A: " + strings.Repeat("b", maxTrailer)), "431 the trailers are too long"},
		{"a flood of lines", with(slicesRepeat("A: b", maxTrailer/4)...), "431 the trailers are too long"},
	})
}

func TestF9TheFinalCRLFIsPartOfTheBody(t *testing.T) {
	checkChunks(t, []wireCase{
		{"cut in a size", "5", "more after "},
		{"cut in the data", "5\r\nhel", "more after hel"},
		{"cut behind the data", "5\r\nhello", "more after hello"},
		{"cut behind the last chunk", "5\r\nhello\r\n0\r\n", "more after hello"},
		{"cut in a trailer", "5\r\nhello\r\n0\r\nA: b\r\n", "more after hello"},
		{"cut in the final CRLF", "5\r\nhello\r\n0\r\n\r", "more after hello"},
		{"whole", "5\r\nhello\r\n0\r\n\r\n", "hello, then "},
		{"the rest is the next one's", "0\r\n\r\n\r\n", ", then \r\n"},
	})
	var c ChunkReader
	_, _, _, _ = c.Next([]byte(LastChunk))
	if data, used, done, err := c.Next([]byte("GET")); len(data) != 0 || used != 0 || !done || err != nil {
		t.Errorf("behind the end: got %q, %d, %v, %v, want nothing used", data, used, done, err)
	}
}

func TestWhatIsNoChunkReaderIsNotThawed(t *testing.T) {
	good, _ := new(ChunkReader).AppendBinary(nil)
	for about, spoil := range map[string]func([]byte) []byte{
		"too short":          func(b []byte) []byte { return b[1:] },
		"too long":           func(b []byte) []byte { return append(b, 0) },
		"a state too far":    func(b []byte) []byte { b[0] = byte(chunksDone) + 1; return b },
		"a size that is < 0": func(b []byte) []byte { b[3+8] = 0xff; return b },
	} {
		if err := new(ChunkReader).UnmarshalBinary(spoil(slices.Clone(good))); err == nil {
			t.Errorf("%s: thawed, want an error", about)
		}
	}
}

// The data of a piece lies together, inside of it, and begins where the first
// chunk's data was.
func TestChunksAreDecodedInPlace(t *testing.T) {
	var c ChunkReader
	buf := []byte("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
	data, _, _, err := c.Next(buf)
	if err != nil || string(data) != "hello world" || &data[0] != &buf[3] {
		t.Errorf("got %q, %v, want the data in place", data, err)
	}
}

func TestChunksSurviveAnyCut(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var wire, want []byte
		for range rnd.IntN(20) {
			chunk := slices.Repeat([]byte{byte('a' + rnd.IntN(26))}, 1+rnd.IntN(40))
			wire = append(append(AppendChunkHead(wire, len(chunk)), chunk...), ChunkTail...)
			want = append(want, chunk...)
		}
		wire = append(wire, LastChunk...)
		var pieces []int
		for range len(wire) {
			pieces = append(pieces, rnd.IntN(9))
		}
		if got := readChunks(wire, pieces...); got != string(want)+", then " {
			t.Fatalf("%q in pieces of %v: got %q", wire, pieces, got)
		}
	}
}
