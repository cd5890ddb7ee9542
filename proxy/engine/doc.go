// Package engine is the proxy's data plane: it accepts connections, reads
// requests, finds who answers them, and passes bytes both ways.
//
// Its nouns:
//
//   - the [Engine] is the loops and the little that they share: how many
//     connections there are, and who does what may block;
//   - a worker is one loop's share: its clients, its connections to instances,
//     its buffers, its deadlines; one thread uses it, without a lock;
//   - a client is one client connection, a backend one connection to an
//     instance; an exchange is one request and its answer. All three are plain
//     values: no goroutine, no closure and no stack holds their progress;
//   - a stream is one end of a connection, as the machine knows it; a socket
//     is one, what decrypts or cuts frames will be another, and the tests have
//     one in memory;
//   - a step is where a client connection stands. Each has a file of its own,
//     step_NAME.go;
//   - a try is one instance with its connection, from its choice (Take) to its
//     verdict (End); a pool is the idle connections to one instance.
//
// How it works: the loop announces what streams are ready for, which is
// remembered. What a connection wants of them is derived from its step and
// from what is under way (interest.go), and so is its next deadline
// (deadline.go). What is ready and wanted is done, step by step, until there is
// nothing more to do; then the next connection has its turn. Closing happens at
// the end of the turn.
//
// What follows what is one table. From every step a connection may also be
// closed:
//
//	preface  waits for the PROXY header of a listed peer
//	  '----> head
//	head     waits for a request, or is in the middle of its head
//	  '----> choose, own
//	choose   has a whole head: checks it and finds its route
//	  '----> spool, pick, open, file, own
//	spool    takes the whole body in before an instance is asked
//	  '----> pick, own
//	pick     chooses the instance for a try
//	  '----> queue, connect, own
//	queue    waits for an instance to be free, or ready at all
//	  '----> pick, connect, own
//	connect  waits for a connection to the instance
//	  '----> pick, ask, own
//	ask      sends head and body, and waits for the head of the answer
//	  '----> pick, answer, own
//	answer   has the whole head of an answer and decides what it means
//	  '----> pick, ask, relay, tunnel, open, file, own
//	relay    passes the answer's body on, and what is left of the
//	         request's
//	  '----> finish
//	tunnel   passes bytes both ways after a 101
//	  '----> finish
//	open     waits for a file that is not in memory to be opened or read
//	  '----> pick, open, file, own
//	file     sends a file
//	  '----> open, finish
//	own      sends an answer of our own: an error, a redirect, a fixed
//	         body
//	  '----> finish
//	finish   accounts for the exchange and says what the connection does
//	         next
//	  '----> head, linger
//	linger   has half-closed and reads away what the client still sends,
//	         so that the answer is not lost to a reset
//	closed   is the end
//
// What it promises: no byte of one exchange is seen in another. An instance
// gets whole requests, written anew, and each not more often than the retry
// rule of package balance allows. A client gets a complete answer, an error,
// or sees that its answer is not complete. What is read is bounded by what the
// other side takes. Every wait has a deadline, and who is held is answered by
// the end of his. Every use of an instance is ended, and in flight returns to
// zero. A request allocates nothing once the loop has warmed up.
//
// A request that finds no instance ready does not fail at once: it waits as
// long as its upstream holds requests (hold.go). A site under maintenance
// answers 503 before anything else is looked at, but for those who are let in
// (maintenance.go).
//
// A connection can be frozen between two turns (freeze.go): its state is bytes
// and its streams, and it goes on where it is thawed.
//
// Its limits: HTTP/1.0 and 1.1 only, without TLS. A body of a request that is
// not spooled is sent once: when its instance dies, the request fails. A loop
// that waits for the disk itself, where too much is being waited for aside,
// holds up its connections. A connection that sends a file, or whose body is
// spooled on the disk, is not frozen; one that waits in a queue waits again at
// its end. A request that is held takes what any other does, and its body is
// not read meanwhile.
package engine
