package lossless

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/webstack/webstack/integration/load"
)

// maxBody is the largest body of a request and of an answer.
const maxBody = 16 << 10

// withBody is how many GETs there are for one that brings a body of its own.
const withBody = 8

// asks makes the requests of one kind and writes down what became of each.
type asks struct {
	kind   Kind
	base   string // "http://127.0.0.1:8081"
	ledger *ledger
	made   atomic.Int64
}

// next is load.Options.Next.
func (a *asks) next() load.Request {
	a.ledger.attempt(a.kind)
	number := a.made.Add(1)
	if a.kind == PostNew || a.kind == PostKept {
		return a.post(fmt.Sprintf("%d-%d", a.kind, number))
	}
	return a.get(number)
}

func (a *asks) get(number int64) load.Request {
	size, sent := rand.IntN(maxBody+1), 0
	if number%withBody == 0 {
		sent = 1 + rand.IntN(maxBody)
	}
	return a.request(http.MethodGet, fmt.Sprintf("%s/page?bytes=%d", a.base, size), sent, "", func(body []byte) error {
		if len(body) != size {
			return fmt.Errorf("a body of %d octets, want %d", len(body), size)
		}
		return nil
	})
}

func (a *asks) post(id string) load.Request {
	return a.request(http.MethodPost, a.base+"/note?id="+id, rand.IntN(maxBody+1), id, func(body []byte) error {
		if string(body) != id {
			return fmt.Errorf("the answer to POST %s is %q", id, body)
		}
		return nil
	})
}

// request is a request with a body of so many octets, which the answer has to
// know of.
func (a *asks) request(method, url string, sent int, id string, right func([]byte) error) load.Request {
	request, err := http.NewRequest(method, url, bytes.NewReader(make([]byte, sent)))
	if err != nil {
		panic(err) // every URL is made above, out of numbers
	}
	request.Close = a.kind == GetNew || a.kind == PostNew
	return load.Request{
		HTTP: request,
		Right: func(head http.Header, body []byte) error {
			if got := head.Get("X-Received"); got != strconv.Itoa(sent) {
				return fmt.Errorf("the instance received %q octets of %d", got, sent)
			}
			return right(body)
		},
		Done: func(o load.Outcome) {
			if o.Err == nil {
				a.ledger.right(a.kind, id, o.Began, o.Ended)
				return
			}
			a.ledger.miss(Miss{Kind: a.kind, How: o.Kind, Begun: o.Begun, From: o.Began, Until: o.Ended, Err: o.Err})
		},
	}
}
