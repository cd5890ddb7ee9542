package proxy_test

import (
	"fmt"
	"strings"
)

// attempt is what a client writes on one connection, and what must come of it.
type attempt struct {
	name, raw string
	// answers are the statuses that the client gets, in order. Where the last
	// is an error, the proxy closes the connection behind it.
	answers string
	// reaches are the targets that the application gets to see, in order.
	reaches string
}

// smuggled is what an attacker would like to become a request of its own.
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

// refused is an attempt that is answered by an error alone.
func refused(status int, name, raw string) attempt {
	return attempt{name, raw, fmt.Sprint(status), ""}
}

// passes is an attempt that is one request, however it looks.
func passes(name, raw string) attempt { return attempt{name, raw, "200", "/a"} }

// get and post are requests with more fields and what follows the head.
func get(fields, rest string) string {
	return "GET /a HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + rest
}

func post(fields, rest string) string {
	return "POST /a HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + rest
}

// chunks is a chunked request with a body as it is written.
func chunks(body string) string { return post("Transfer-Encoding: chunked\r\n", body) }

// sized is a length field for a text.
func sized(body string) string { return fmt.Sprintf("Content-Length: %d\r\n", len(body)) }

// smugglingCorpus are ways to make two readers of one connection disagree
// about where a request ends.
func smugglingCorpus() []attempt {
	var all []attempt
	for _, part := range [][]attempt{
		bothFramings(), codings(), lengths(), unexpectedBodies(), chunkSizes(), extensionsAndTrailers(),
		lineEnds(), names(), targetsAndHosts(), expectations(), upgrades(), pipelines(),
	} {
		all = append(all, part...)
	}
	return all
}

// bothFramings are CL.TE and TE.CL.
func bothFramings() []attempt {
	const te = "Transfer-Encoding: chunked\r\n"
	end := "0\r\n\r\n" + smuggled
	return []attempt{
		refused(400, "CL.TE", post(sized(end)+te, end)),
		refused(400, "CL.TE with the coding first", post(te+sized(end), end)),
		refused(400, "TE.CL", post("Content-Length: 4\r\n"+te, "5c\r\n"+smuggled+"0\r\n\r\n")),
		refused(400, "CL.TE of GET", get(sized(end)+te, end)),
		refused(400, "a length of 0 beside chunked", post("Content-Length: 0\r\n"+te, end)),
		refused(400, "CL.TE with the length in between", post(te+"X: 1\r\n"+sized(end), end)),
		refused(400, "CL.TE in other letter cases", post("content-LENGTH: 5\r\ntransfer-ENCODING: chunked\r\n", end)),
		refused(400, "CL.TE whose coding is nominated by Connection", post("Connection: Transfer-Encoding\r\n"+sized(end)+te, end)),
		refused(400, "CL.TE whose length is nominated by Connection", post("Connection: Content-Length\r\n"+sized(end)+te, end)),
		refused(400, "chunked in HTTP/1.0", "POST /a HTTP/1.0\r\nHost: h\r\n"+te+"\r\n"+end),
		refused(400, "CL.TE in HTTP/1.0", "POST /a HTTP/1.0\r\nHost: h\r\n"+sized(end)+te+"\r\n"+end),
		refused(400, "chunked in HTTP/1.0 with keep-alive", "POST /a HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n"+te+"\r\n"+end),
	}
}

// codings are TE.TE: fields that one reader takes for chunked and another not.
func codings() []attempt {
	all := []attempt{
		passes("chunked in capitals", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n")),
		passes("chunked between tabs", post("Transfer-Encoding:\t chunked \t\r\n", "0\r\n\r\n")),
		passes("a field whose name ends in Transfer-Encoding", post("X-Transfer-Encoding: chunked\r\n", "")),
		refused(400, "two lines of chunked", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "chunked, then another line", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"+smuggled)),
		refused(501, "another coding, then chunked", post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a vertical tab before chunked", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a form feed behind chunked", post("Transfer-Encoding: chunked\f\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "NUL behind chunked", post("Transfer-Encoding: chunked\x00\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a lone CR before chunked", post("Transfer-Encoding: \rchunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a lone LF before the field", post("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "the coding on a folded line", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "the field in front of a folded line", post("X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a tab before the colon", post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"+smuggled)),
		refused(400, "a space before the name", "POST /a HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: h\r\n\r\n0\r\n\r\n"+smuggled),
		refused(400, "NUL in the name", post("Transfer\x00-Encoding: chunked\r\n", smuggled)),
		refused(400, "a control in the name", post("\x01Transfer-Encoding: chunked\r\n", smuggled)),
		refused(400, "a soft hyphen in the name", post("Transfer\xad-Encoding: chunked\r\n", smuggled)),
	}
	for _, value := range []string{
		"", ",", "chunked,", ",chunked", "chunked, chunked", "chunked, identity", "\"chunked\"", "chunked;", "chunked\xa0",
		"\x85chunked", "chunked chunked", "(x)chunked", "chunked,,", "@", "chunked / chunked",
	} {
		all = append(all, refused(400, fmt.Sprintf("the coding %q", value), post("Transfer-Encoding: "+value+"\r\n", "0\r\n\r\n"+smuggled)))
	}
	for _, value := range []string{"identity", "xchunked", "chunkedx", "gzip", "gzip, chunked", "identity, chunked", "chunke", "c", "cow, chunked"} {
		all = append(all, refused(501, "the coding "+value, post("Transfer-Encoding: "+value+"\r\n", "0\r\n\r\n"+smuggled)))
	}
	for _, name := range []string{"Transfer_Encoding", "TransferEncoding", "Transfer-Encodin", "Transfer.Encoding"} {
		// They are other fields: nobody frames by them.
		all = append(all, attempt{
			"a field called " + name, post(name+": chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") +
				"GET /b HTTP/1.1\r\nHost: h\r\n\r\n", "200 200", "/a /b",
		})
	}
	return all
}

// lengths are values of Content-Length.
func lengths() []attempt {
	all := []attempt{
		passes("a length with leading zeros", post("Content-Length: 0005\r\n", "hello")),
		passes("a length between blanks", post("Content-Length: \t5 \r\n", "hello")),
		refused(400, "two lengths", post("Content-Length: 5\r\nContent-Length: 41\r\n", "hello"+smuggled)),
		refused(400, "two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"+smuggled)),
		refused(400, "two lengths, the first 0", post("Content-Length: 0\r\nContent-Length: 36\r\n", smuggled)),
		refused(400, "a length on a folded line", post("Content-Length:\r\n 5\r\n", "hello"+smuggled)),
		refused(400, "a length that goes on on a folded line", post("Content-Length: 5\r\n 6\r\n", "hello"+smuggled)),
		refused(400, "a length with NUL", post("Content-Length: 5\x00\r\n", "hello"+smuggled)),
		refused(400, "a length before a lone CR", post("Content-Length: 5\rX: y\r\n", "hello"+smuggled)),
		refused(413, "a length of 2^63-1", post("Content-Length: 9223372036854775807\r\n", smuggled)),
		refused(413, "a length of 2^63", post("Content-Length: 9223372036854775808\r\n", smuggled)),
		refused(413, "a length of 2^64+5", post("Content-Length: 18446744073709551621\r\n", "hello"+smuggled)),
		refused(413, "a length of 2^32 beyond the limit", post("Content-Length: 4294967301\r\n", "hello"+smuggled)),
	}
	for _, value := range []string{"", "+5", "-5", "-0", "0x5", "5.0", "5e0", "5 5", "5, 5", "5,5", "5,", ",5", "5;", "\"5\"", "5_0", "\u0665", "5\v", "five", "5\xa0", "1 0"} {
		all = append(all, refused(400, fmt.Sprintf("the length %q", value), post("Content-Length: "+value+"\r\n", "hello"+smuggled)))
	}
	for _, name := range []string{"Content_Length", "ContentLength", "X-Content-Length", "Content-Length-", "Content.Length"} {
		// The smuggled request is not a body: it is the client's second.
		all = append(all, attempt{
			"a field called " + name, post(name+": 36\r\n", "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"),
			"200 200", "/a /b",
		})
	}
	return all
}

// unexpectedBodies are CL.0 and 0.CL: bodies where some reader expects none.
func unexpectedBodies() []attempt {
	var all []attempt
	for _, method := range []string{"GET", "HEAD", "DELETE", "OPTIONS", "PUT", "PATCH", "PROPFIND", "X"} {
		head := method + " /a HTTP/1.1\r\nHost: h\r\n"
		all = append(all,
			passes(method+" with a length", head+sized(smuggled)+"\r\n"+smuggled),
			passes(method+" in chunks", head+"Transfer-Encoding: chunked\r\n\r\n23\r\n"+smuggled+"\r\n0\r\n\r\n"),
		)
	}
	for _, path := range []string{"/files/there.txt", "/files/missing.txt", "/said", "/moved", "/nobody"} {
		status := map[string]string{"/files/there.txt": "200", "/files/missing.txt": "404", "/said": "200", "/moved": "302", "/nobody": "404"}[path]
		all = append(all,
			attempt{"a body for " + path, "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + sized(smuggled) + "\r\n" + smuggled + "GET /b HTTP/1.1\r\nHost: h\r\n\r\n", status + " 200", "/b"},
			attempt{"chunks for " + path, "GET " + path + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n" + smuggled + "\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n", status + " 200", "/b"},
		)
	}
	return append(all,
		attempt{"a body of a refused method", "TRACE /a HTTP/1.1\r\nHost: h\r\n" + sized(smuggled) + "\r\n" + smuggled, "405", ""},
		attempt{"a body of CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n" + sized(smuggled) + "\r\n" + smuggled, "405", ""},
		attempt{"CONNECT and what would be its tunnel", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n" + smuggled, "405", ""},
		attempt{"a body for the server as a whole", "OPTIONS * HTTP/1.1\r\nHost: h\r\n" + sized(smuggled) + "\r\n" + smuggled + "GET /b HTTP/1.1\r\nHost: h\r\n\r\n", "200 200", "/b"},
		attempt{"a length of 0, and a request behind it", post("Content-Length: 0\r\n", "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"), "200 200", "/a /b"},
		attempt{"a body that is too long", post(fmt.Sprintf("Content-Length: %d\r\n", 2<<20), smuggled), "413", ""},
	)
}

// chunkSizes are sizes that some reader takes for others.
func chunkSizes() []attempt {
	all := []attempt{
		passes("a size with leading zeros", chunks("0005\r\nhello\r\n0\r\n\r\n")),
		passes("a last chunk of several zeros", chunks("5\r\nhello\r\n0000\r\n\r\n")),
		passes("a size in capitals", chunks("A\r\n0123456789\r\n0\r\n\r\n")),
		refused(400, "a chunk that is longer than its size", chunks("5\r\nhelloo\r\n0\r\n\r\n"+smuggled)),
		refused(400, "a chunk that is shorter than its size", chunks("6\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "a chunk without its CRLF", chunks("5\r\nhello0\r\n\r\n"+smuggled)),
		refused(400, "a chunk that ends with LF", chunks("5\r\nhello\n0\r\n\r\n"+smuggled)),
		refused(400, "a chunk that ends with CR", chunks("5\r\nhello\r0\r\n\r\n"+smuggled)),
		refused(400, "a chunk that ends with two other octets", chunks("5\r\nhelloXX0\r\n\r\n"+smuggled)),
		refused(400, "a last chunk that ends with LF", chunks("0\n\r\n"+smuggled)),
		refused(400, "a last chunk and LF", chunks("0\r\n\n"+smuggled)),
		refused(400, "a last chunk and CR", chunks("0\r\n\rX"+smuggled)),
		refused(400, "a size that ends with LF", chunks("5\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "a size that ends with CR", chunks("5\rhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "a size that ends with CR CR LF", chunks("5\r\r\nhello\r\n0\r\n\r\n"+smuggled)),
	}
	for _, size := range []string{
		"", "0x5", "x5", "+5", "-5", "-0", " 5", "\t5", "5h", "g", "5.", "5_", "5 5", "5,", "\v5", "5\v", "5\x00", "\x005", "\"5\"", "h",
		"10000000000000005", "ffffffffffffffff", "8000000000000000", "7fffffffffffffff1", "00000000000000000000005", "\xef\xbc\x95", "5\xa0",
	} {
		all = append(all, refused(400, fmt.Sprintf("the size %q", size), chunks(size+"\r\nhello\r\n0\r\n\r\n"+smuggled)))
	}
	return append(all, attempt{"a size of 2^63-1", chunks("7fffffffffffffff\r\n" + strings.Repeat("x", 2<<20)), "413", ""})
}

// extensionsAndTrailers are what may stand around the data, and is dropped.
func extensionsAndTrailers() []attempt {
	trailer := func(lines string) string { return chunks("5\r\nhello\r\n0\r\n" + lines + "\r\n") }
	all := []attempt{
		passes("an extension", chunks("5;name=value\r\nhello\r\n0\r\n\r\n")),
		passes("an extension in quotes", chunks("5;name=\"0\\\"; x\"\r\nhello\r\n0;last\r\n\r\n")),
		passes("a trailer", trailer("X-Sum: 1\r\n")),
		refused(400, "an extension with a lone CR", chunks("5;a\rb\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension with a lone LF", chunks("5;a\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension in quotes with LF", chunks("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension in quotes with CRLF", chunks("5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension with NUL", chunks("5;a\x00\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension without a name", chunks("5;\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension without a value", chunks("5;a=\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension whose quotes do not close", chunks("5;a=\"b\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "an extension of 300 octets", chunks("5;"+strings.Repeat("a", 300)+"\r\nhello\r\n0\r\n\r\n"+smuggled)),
		refused(400, "extensions that cost more than the data", chunks(strings.Repeat("1;"+strings.Repeat("a", 200)+"\r\nx\r\n", 200)+"0\r\n\r\n"+smuggled)),
		refused(400, "a trailer on a folded line", trailer("X: y\r\n z\r\n")+smuggled),
		refused(400, "a trailer that ends with LF", trailer("X: y\n")+smuggled),
		refused(400, "a trailer with a lone CR", trailer("X: y\rz\r\n")+smuggled),
		refused(400, "a trailer with NUL", trailer("X: \x00\r\n")+smuggled),
		refused(400, "a trailer without a name", trailer(": y\r\n")+smuggled),
		refused(400, "a trailer without a colon", trailer("X\r\n")+smuggled),
		refused(400, "a trailer with a space before the colon", trailer("X : y\r\n")+smuggled),
		refused(400, "trailers of 10 KB", trailer(strings.Repeat("X: "+strings.Repeat("y", 97)+"\r\n", 100))+smuggled),
		refused(400, "a request for a trailer", chunks("0\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")),
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Host", "Authorization"} {
		all = append(all, refused(400, "the trailer "+name, trailer(name+": 1\r\n")+smuggled))
	}
	return all
}

// lineEnds are what some reader takes for the end of a line or of the head.
func lineEnds() []attempt {
	return []attempt{
		refused(400, "a request line that ends with LF", "GET /a HTTP/1.1\nHost: h\r\n\r\n"+smuggled),
		refused(400, "a request line that ends with CR", "GET /a HTTP/1.1\rHost: h\r\n\r\n"+smuggled),
		refused(400, "a head that ends with two LF", "GET /a HTTP/1.1\r\nHost: h\n\n"+smuggled),
		refused(400, "a head that ends with LF CRLF", "GET /a HTTP/1.1\r\nHost: h\n\r\n"+smuggled),
		refused(400, "a head that ends with CRLF LF", "GET /a HTTP/1.1\r\nHost: h\r\n\n"+smuggled),
		refused(400, "a head that ends with CR CR LF", "GET /a HTTP/1.1\r\nHost: h\r\n\r\r\n"+smuggled),
		refused(400, "a value with a lone CR", get("X: a\rb\r\n", smuggled)),
		refused(400, "a value with NUL", get("X: a\x00b\r\n", smuggled)),
		refused(400, "a value with another control", get("X: a\x07b\r\n", smuggled)),
		refused(400, "a value with DEL", get("X: a\x7fb\r\n", smuggled)),
		refused(400, "a folded line", get("X: a\r\n b\r\n", smuggled)),
		refused(400, "a folded line of a tab", get("X: a\r\n\tb\r\n", smuggled)),
		refused(400, "a folded line that is empty", get("X: a\r\n \r\n", smuggled)),
		refused(400, "a blank line that is not empty", "GET /a HTTP/1.1\r\nHost: h\r\n \r\n\r\n"+smuggled),
		refused(400, "two spaces in the request line", "GET  /a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "a tab in the request line", "GET\t/a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "a space behind the version", "GET /a HTTP/1.1 \r\nHost: h\r\n\r\n"),
		refused(400, "a space before the method", " GET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "a NUL before the method", "\x00GET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "a byte order mark", "\xef\xbb\xbfGET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "LF before the method", "\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "a version in small letters", "GET /a http/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "a version of two digits", "GET /a HTTP/1.10\r\nHost: h\r\n\r\n"),
		refused(400, "the version HTTP/01.1", "GET /a HTTP/01.1\r\nHost: h\r\n\r\n"),
		refused(400, "the version HTTP/1", "GET /a HTTP/1\r\nHost: h\r\n\r\n"),
		refused(400, "HTTP/0.9", "GET /a\r\n\r\n"+smuggled),
		refused(400, "the version HTTP/0.9", "GET /a HTTP/0.9\r\nHost: h\r\n\r\n"),
		refused(505, "the version HTTP/2.0", "GET /a HTTP/2.0\r\nHost: h\r\n\r\n"),
		refused(505, "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+smuggled),
		passes("empty lines before the request", "\r\n\r\n"+get("", "")),
		refused(400, "many empty lines before the request", strings.Repeat("\r\n", 20)+get("", "")),
		passes("the version HTTP/1.2", "GET /a HTTP/1.2\r\nHost: h\r\n\r\n"),
		refused(400, "the hello of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"+smuggled),
	}
}

// names are fields that are none.
func names() []attempt {
	all := []attempt{
		refused(400, "an empty name", get(": x\r\n", smuggled)),
		refused(400, "a line without a colon", get("X\r\n", smuggled)),
		refused(400, "a line that is a request", get("GET /smuggled HTTP/1.1\r\n", "")),
		refused(400, "a space before a colon", get("X : y\r\n", smuggled)),
		refused(400, "a name with a space inside", get("X Y: z\r\n", smuggled)),
		refused(431, "1,001 fields", get(strings.Repeat("X: y\r\n", 1001), smuggled)),
		refused(431, "a head of 64 KB", get("X: "+strings.Repeat("y", 64<<10)+"\r\n", smuggled)),
		refused(414, "a target of 64 KB", "GET /"+strings.Repeat("a", 64<<10)+" HTTP/1.1\r\nHost: h\r\n\r\n"+smuggled),
		refused(501, "a method of 100 octets", strings.Repeat("G", 100)+" /a HTTP/1.1\r\nHost: h\r\n\r\n"),
		refused(400, "two of Authorization", get("Authorization: Basic eA==\r\nAuthorization: Basic eQ==\r\n", smuggled)),
		refused(400, "two of Content-Type", post("Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n", smuggled)),
	}
	for _, c := range "()<>@,;\\\"/[]?={}" {
		all = append(all, refused(400, fmt.Sprintf("a name with %q", c), get("X"+string(c)+": y\r\n", smuggled)))
	}
	return all
}

// targetsAndHosts are requests that name several hosts, or none.
func targetsAndHosts() []attempt {
	line := func(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n" }
	host := func(fields string) string { return "GET /a HTTP/1.1\r\n" + fields + "\r\n" }
	all := []attempt{
		passes("a target in absolute-form", line("http://h/a")),
		refused(400, "another host in the target", line("http://other/a")+smuggled),
		refused(400, "another port in the target", line("http://h:81/a")+smuggled),
		refused(400, "user information in the target", line("http://user@h/a")+smuggled),
		refused(400, "an absolute-form without a host", line("http:///a")+smuggled),
		refused(400, "another scheme in the target", line("gopher://h/a")+smuggled),
		refused(400, "a target without a slash", line("a")+smuggled),
		refused(400, "a target with a fragment", line("/a#b")+smuggled),
		refused(400, "a target with NUL", line("/a\x00b")+smuggled),
		refused(400, "a target with a lone CR", line("/a\rb")+smuggled),
		refused(400, "a target with a tab", line("/a\tb")+smuggled),
		refused(400, "a target that is not ASCII", line("/a\xc3\xa4")+smuggled),
		{"a target with an encoded NUL", "GET /a%00 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + smuggled, "400", ""},
		refused(400, "a target of *", line("*")+smuggled),
		refused(400, "a target that is an authority", line("h:80")+smuggled),
		refused(400, "no Host", host("")+smuggled),
		refused(400, "two of Host", host("Host: h\r\nHost: h\r\n")+smuggled),
		refused(400, "two of Host that differ", host("Host: h\r\nHost: i\r\n")+smuggled),
		refused(400, "a folded Host", host("Host:\r\n h\r\n")+smuggled),
		refused(400, "no Host in an absolute-form", "GET http://h/a HTTP/1.1\r\n\r\n"+smuggled),
		{"HTTP/1.0 without a Host", "GET /a HTTP/1.0\r\n\r\n", "200", "/a"},
	}
	for _, value := range []string{"", "h i", "h@i", "h/a", "h?a", "h#a", "h:x", "h:-1", "h:99999", "h:80:80", "[::1", "::1", "h\\i", "\"h\"", "h\t i", ".", "[v1.x]", "h\xff", "<h>"} {
		all = append(all, refused(400, fmt.Sprintf("the Host %q", value), host("Host: "+value+"\r\n")+smuggled))
	}
	return all
}

// expectations are tricks with Expect.
func expectations() []attempt {
	return []attempt{
		{"a body that waits to be asked for", post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"), "200", "/a"},
		{"chunks that wait to be asked for", post("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "200", "/a"},
		{"an expectation without a body", get("Expect: 100-continue\r\n", "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"), "200 200", "/a /b"},
		{"a body of GET that waits", get("Expect: 100-continue\r\n"+sized(smuggled), smuggled), "200", "/a"},
		refused(417, "another expectation", post("Expect: 200-ok\r\n"+sized(smuggled), smuggled)),
		refused(417, "an expectation with a blank", post("Expect: 100 -continue\r\n"+sized(smuggled), smuggled)),
		refused(417, "a list of expectations", post("Expect: 100-continue, 100-continue\r\n"+sized(smuggled), smuggled)),
		refused(417, "a second expectation", post("Expect: 100-continue\r\nExpect: x\r\n"+sized(smuggled), smuggled)),
		refused(417, "a folded expectation", post("Expect:\r\n 100-continue\r\n"+sized(smuggled), smuggled)),
		refused(413, "a body that is too long and waits", post(fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n", 2<<20), smuggled)),
		{"an expectation in HTTP/1.0", "POST /a HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", "200", "/a"},
	}
}

// upgrades are requests for another protocol, from an application that stays
// with HTTP.
func upgrades() []attempt {
	second := "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
	ws := "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	return []attempt{
		{"a WebSocket that is not accepted", get(ws, second), "200 200", "/a /b"},
		{"a WebSocket with a body", get(ws+sized(smuggled), smuggled+second), "200 200", "/a /b"},
		{"a WebSocket of a wrong version", get(strings.Replace(ws, "13", "777", 1), second), "200 200", "/a /b"},
		{"h2c", get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", second), "200 200", "/a /b"},
		{"h2c behind WebSocket", get("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", second), "200 200", "/a /b"},
		{"TLS", get("Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n", second), "200 200", "/a /b"},
		{"an upgrade that Connection does not name", get("Upgrade: websocket\r\n", second), "200 200", "/a /b"},
		{"an upgrade in HTTP/1.0", "GET /a HTTP/1.0\r\nHost: h\r\n" + ws + "\r\n", "200", "/a"},
	}
}

// pipelines are several requests at once.
func pipelines() []attempt {
	second := "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
	return []attempt{
		{"two requests", get("", second), "200 200", "/a /b"},
		{"a body, and a second request", post("Content-Length: 5\r\n", "hello"+second), "200 200", "/a /b"},
		{"chunks, and a second request", chunks("5\r\nhello\r\n0\r\n\r\n" + second), "200 200", "/a /b"},
		{"an empty line between two requests", get("", "\r\n"+second), "200 200", "/a /b"},
		{"an empty line behind a body", post("Content-Length: 5\r\n", "hello\r\n"+second), "200 400", "/a"},
		{"an octet too many behind a body", post("Content-Length: 5\r\n", "hello!"+second), "200 200", "/a /b"},
		{"a request behind the last", get("Connection: close\r\n", smuggled), "200", "/a"},
		{"a request behind HTTP/1.0", "GET /a HTTP/1.0\r\nHost: h\r\n\r\n" + smuggled, "200", "/a"},
		{"a request behind a refused one", get("X : y\r\n", smuggled), "400", ""},
		{"a refused request behind another", get("", "GET /b HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n"+smuggled), "200 400", "/a"},
		{"a request behind a broken body", chunks("x\r\n" + smuggled), "400", ""},
		{"fifty requests", strings.Repeat(get("", ""), 50), strings.TrimSpace(strings.Repeat("200 ", 50)), strings.TrimSpace(strings.Repeat("/a ", 50))},
	}
}
