package engine

import "testing"

func TestF14TheClientFindsTheEndOfEveryAnswer(t *testing.T) {
	for _, c := range []struct{ name, request, answer, want string }{
		{
			"a length of nothing", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
		},
		{
			"HEAD keeps the length that a body would have", "HEAD / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nContent-Length: 7\n\n", "HTTP/1.1 200 OK\nContent-Length: 7\n\n",
		},
		{
			"HEAD of what would be chunked", "HEAD / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "HTTP/1.1 200 OK\n\n",
		},
		{
			"304 likewise", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n", "HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n",
		},
		{
			"204 has no length", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 204 No Content\nContent-Length: 0\n\n", "HTTP/1.1 204 No Content\n\n",
		},
	} {
		x := newScene(t)
		x.clientSends(c.request)
		x.instanceSends(c.answer)
		if got := plain(x.client.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		x.wantIdle("waiting for a request")
		x.wantOpen(x.instance)
	}
}
