package engine

import (
	"net/netip"
	"time"
	"unsafe"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
)

// exchange is one request and its answer. It keeps the snapshot that it began
// with. A loop uses the same few again and again.
type exchange struct {
	snap  *snapshot.Snapshot
	route *snapshot.Route

	// head is the request's head as it came; req and vars are views of it.
	head []byte
	req  http1.Request
	vars route.Vars
	id   [idLength]byte
	// peerText is the address of the client's connection as text, of peerLen
	// bytes: here, for most connections are idle and have no exchange.
	peerText [maxPeerText]byte
	peerLen  uint8
	// method is the request's, until it is sent to another route: then GET.
	method string
	// carried are names and values that an application has given an answer
	// which it left to us, by turns.
	carried []string
	// hops is how often the exchange was sent to another route, by fallback
	// or X-Accel-Redirect; from the first on, internal routes are open to it.
	hops     int
	internal bool

	// ask is the head that instances get, kept until an answer begins.
	ask      []byte
	upgrade  string
	attempts balance.Attempts
	tried    []*balance.Instance
	tries    int               // how many instances were chosen so far
	instance *balance.Instance // begun, until it is ended
	backend  *backend
	ticket   balance.Ticket
	// queued: the ticket is out. standing: it has no place in the queue, but
	// asks again by itself.
	queued, standing bool
	polled           loop.Instant
	// refused: some of those that were tried have refused the connection;
	// spent: so many that no other may be asked now. met is the one that has
	// seen the request and come to nothing by it.
	refused, spent bool
	met            *balance.Instance
	// sameAllowed: where nobody else is left, the same instance may be asked.
	sameAllowed bool
	// lost is the status for when nobody is left for another try.
	lost int
	// fresh says that the next try must be on a connection of its own.
	fresh bool
	// starved is when there was no descriptor to connect with.
	starved loop.Instant
	// interim is how many 1xx the instance has sent.
	interim int

	// front is how far the exchange has got on the client's connection, back
	// how far on the instance's.
	front, back http1.Cycle

	up   upload
	down download
	file sendfile
	tun  tunnel

	// status is what the client got, 0 for nothing yet.
	status int
	// endless says that the answer has no end of its own.
	endless bool
	// last is the instance that answered, for the log.
	last *balance.Instance

	times times
	// waited is how long it has waited for an instance in all.
	waited time.Duration
	// unsent is what the client had not acknowledged at unsentAt, while a stop
	// watches it.
	unsent   int
	unsentAt loop.Instant
}

// times are when things happened; 0 is not yet.
type times struct {
	// began is when the head began to come.
	began loop.Instant
	// picked is when an instance was chosen, the last time; connected when
	// there was a connection to it; asked when the request was sent whole;
	// answered when the head of the answer was there.
	picked, connected, asked, answered loop.Instant
	// queued is when it began to wait in the upstream's queue, the last time;
	// held when it first did because nobody was ready.
	queued, held loop.Instant
}

// reset makes an exchange ready for its next request.
func (x *exchange) reset() {
	fields, tried := x.req.Fields, x.tried
	clear(tried)
	*x = exchange{tried: tried[:0]}
	// A head that never is whole has no fields: not those of another either.
	x.req.Fields = fields[:0]
}

// maxPeerText is the longest text of an address: IPv6 with an IPv4 tail; no
// zone, which no peer of ours has.
const maxPeerText = 45

// setPeer notes who is at the other end.
func (x *exchange) setPeer(peer netip.Addr) {
	if peer.IsValid() {
		x.peerLen = uint8(len(peer.WithZone("").AppendTo(x.peerText[:0])))
	}
}

// peerString is the peer's address as text, "" for a unix socket's.
func (x *exchange) peerString() string {
	return unsafe.String(&x.peerText[0], int(x.peerLen))
}

// idempotent is asked where a request may be sent twice.
func (x *exchange) idempotent() bool { return balance.Idempotent(x.method) }

// replayable says that nothing of the request is lost by a try that failed.
func (x *exchange) replayable() bool { return x.up.sent == 0 || x.up.spool.whole() }
