// Package http1 is the wire format of HTTP/1.1 (RFC 9112): heads, framing,
// the chunked coding, and what is legal on a connection after what. It is
// pure: octets in, values out.
//
// Its nouns:
//
//   - a [Request] or [Response] is a parsed head; its strings are views of
//     the buffer that was parsed and live as long as that buffer is kept;
//   - a [Body] says how the end of the message is found;
//   - a [ChunkReader] takes the chunked coding off, in place;
//   - an [Error] is why a message is refused, and with which status;
//   - a [Cycle] is where one exchange on one connection has got to. What may
//     follow, and whether the connection may be used again, is one table.
//
// What it promises: every parser is three-valued (so many octets were used,
// more are needed, or refused), gives the same answer however its input was
// cut, refuses a prefix as soon as no continuation can be legal, and allocates
// nothing once its slices have grown. What two readers could understand in two
// ways is refused and not repaired: bare CR and LF, folded lines, whitespace
// before a colon, a message with two framings. Nothing is ever passed on as it
// was received: the Append functions write it anew from what was understood.
//
// Honest limits: of the transfer codings there is only chunked. Trailers are
// checked and dropped. HTTP/0.9 is refused. Which names an application would
// confuse (underscores for dashes) is known to package header, and which
// target leaves its folder to package route. A head that comes in many pieces
// is parsed from its beginning each time; it is the reader's to ask only when
// enough has come.
//
// What is legal on a connection, and where it may carry another exchange:
//
//	Idle         RequestHead  -> Upload
//	Upload       RequestEnd   -> Waiting
//	Upload       InterimHead  -> Upload
//	Upload       AnswerHead   -> Early
//	Waiting      InterimHead  -> Waiting
//	Waiting      SwitchHead   -> Tunnel
//	Waiting      AnswerHead   -> Answering
//	Early        RequestEnd   -> EarlyAnswer
//	Early        AnswerEnd    -> Unread
//	Unread       RequestEnd   -> DoneEarly
//	EarlyAnswer  AnswerEnd    -> DoneEarly
//	Answering    AnswerEnd    -> Done
//	Done         may begin again, on either side
//	DoneEarly    may begin again, for the client
//	Tunnel       is the end of the connection
//	Broken       is the end of the connection
package http1
