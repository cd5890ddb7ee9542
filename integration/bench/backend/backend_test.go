package backend

import "testing"

func TestAHeadIsReadAsFarAsItMatters(t *testing.T) {
	tests := []struct {
		name     string
		in       string
		want     request
		complete bool
	}{
		{"nothing yet", "", request{}, false},
		{"a piece", "GET /small HTTP/1.1\r\nHost: x\r\n", request{}, false},
		{"1.1 stays", "GET /small HTTP/1.1\r\nHost: x\r\n\r\n", request{path: "/small", keep: true, head: 32}, true},
		{"1.0 ends", "GET /small HTTP/1.0\r\n\r\n", request{path: "/small", head: 23}, true},
		{"close is said", "GET /10k HTTP/1.1\r\nConnection: close\r\n\r\n", request{path: "/10k", head: 40}, true},
		{"an upload", "POST /upload HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello", request{path: "/upload", post: true, keep: true, body: 5, head: 44}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, complete, err := parse([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if complete != test.complete || complete && got != test.want {
				t.Errorf("got %+v, %v, want %+v, %v", got, complete, test.want, test.complete)
			}
		})
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	for _, in := range []string{"nonsense\r\n\r\n", "POST /upload HTTP/1.1\r\nHost: x\r\n\r\n"} {
		if _, _, err := parse([]byte(in)); err == nil {
			t.Errorf("%q: got no error", in)
		}
	}
}
