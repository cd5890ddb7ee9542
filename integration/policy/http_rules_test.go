package policy_test

// rule is one thing that a proxy must not get wrong. The tests of it are
// those whose names begin with its id.
type rule struct {
	id string
	// about is what goes wrong, or what is asked for; source who says so.
	about, source string
	// decision is what webstack does.
	decision string
}

// httpRules are the rows of docs/http.md.
var httpRules = []struct {
	title string
	rules []rule
}{
	{"Parsing a request", parsing},
	{"Framing", framing},
	{"Connections, resources, trust", connections},
}

var parsing = []rule{
	{"R1", "Lines end in CRLF; a bare LF may be taken for one, a bare CR never", "RFC 9112 §2.2", "both are refused, 400, in requests and answers"},
	{"R2", "Empty lines before a request line", "RFC 9112 §2.2", "up to four are skipped; behind a body none"},
	{"R3", "Whitespace before the first field", "RFC 9112 §2.2", "400"},
	{"R4", "The request line: method, target, version, one space between each", "RFC 9112 §3", "anything else, and a fragment, a control or a non-ASCII octet in the target: 400"},
	{"R5", "The method is a token and case-sensitive", "RFC 9112 §3.1", "unknown ones go to the application; longer than 34 octets: 501"},
	{"R6", "Versions", "RFC 9110 §2.5, RFC 9112 §2.3", "1.0 and 1.1; 1.2 to 1.9 are read as 1.1; 2 and above 505; all else, and HTTP/0.9, 400"},
	{"R7", "Long heads", "RFC 9112 §3, RFC 6585 §5", "a request line up to 16 KB, then 414; a head up to 32 KB and 1000 fields, then 431"},
	{"R8", "A field name is a token, and its colon follows at once", "RFC 9112 §5.1", "400"},
	{"R9", "Octets in a field value", "RFC 9110 §5.5", "control octets but the tab: 400; octets above ASCII pass; only space and tab are trimmed"},
	{"R10", "Folded lines", "RFC 9112 §5.2", "400"},
	{"R11", "One valid Host", "RFC 9112 §3.2", "none in 1.1, two even if equal, or an invalid one: 400"},
	{"R12", "A target in absolute-form", "RFC 9112 §3.2.2", "reduced to its path; another host than the Host field's, and user information: 400"},
	{"R13", "asterisk-form belongs to OPTIONS, authority-form to CONNECT", "RFC 9112 §3.2.3, §3.2.4", "400 elsewhere"},
	{"R14", "CONNECT and TRACE", "RFC 9110 §9.3.6, §9.3.8; CVE-2026-71324", "405, and the connection closes; neither reaches an application"},
	{"R15", "Field names without regard to case; underscores that an application reads as dashes", "CVE-2026-52845, CVE-2026-33433", "an alias of a field that means something to a proxy is dropped"},
	{"R16", "Fields that may come once", "RFC 9110 §5.3", "two of Host, Content-Length, Transfer-Encoding, Authorization or Content-Type: 400; nothing is joined"},
	{"R17", "HTTP/1.0", "RFC 9112 §6.1, §9.3", "closes unless it asks to stay; with a Transfer-Encoding 400"},
}

var framing = []rule{
	{"F1", "Content-Length and Transfer-Encoding in one request", "RFC 9112 §6.3", "400, and the connection closes"},
	{"F2", "Transfer-Encoding other than chunked", "RFC 9112 §6.1, §7", "exactly one chunked, alone; another coding 501, anything else 400"},
	{"F3", "Forms of Content-Length", "RFC 9112 §6.3, RFC 9110 §8.6", "digits alone; a second one, a list, a sign: 400; past 2^63-1: 413"},
	{"F4", "A body that nobody expects", "RFC 9112 §6.3", "read whatever the method; drained, or the connection closed, before the next request"},
	{"F5", "Chunks on GET, HEAD, OPTIONS", "RFC 9112 §6.3", "decoded as on POST"},
	{"F6", "Chunk sizes", "RFC 9112 §7.1; CVE-2025-22871", "1 to 16 hexadecimal digits and CRLF; CRLF behind the data; else 400"},
	{"F7", "Chunk extensions", "RFC 9112 §7.1.1; CVE-2023-39326", "held to the grammar and dropped; 256 octets for each, and a bound on all"},
	{"F8", "Trailers", "RFC 9110 §6.5.1", "held to the grammar, up to 8 KB, and dropped; framing, Host and credentials: 400"},
	{"F9", "The end of a chunked body", "RFC 9112 §7.1, §8", "the final CRLF belongs to it: without it the body is incomplete; what follows is the next request"},
	{"F10", "What is sent on", "RFC 9112 §6.3", "head and framing are written anew from what was understood, always as 1.1, with one framing"},
	{"F11", "Smuggling through an upgrade", "RFC 9110 §7.8", "only tokens that the route allows; a tunnel only after a 101 with the same token; no h2c"},
	{"F12", "Expect, and an answer before the body", "RFC 9110 §10.1.1; CVE-2024-24791", "100 when the application asks or reads; other expectations 417; answered early, the instance's connection is not used again"},
	{"F13", "Interim answers", "RFC 9110 §15.2", "up to 32 before the final one; forwarded to 1.1 clients; 100 only to who asked; 101 only after Upgrade"},
	{"F14", "Where an answer ends", "RFC 9112 §6.3", "HEAD, 1xx, 204, 304 have no body; both framings, two lengths, or no HTTP: 502"},
	{"F15", "Octets behind an answer", "RFC 9112 §9.2", "the instance's connection is never used again"},
	{"F16", "An answer that is cut", "RFC 9112 §8", "the client sees it broken: no last chunk, and the connection closed; logged"},
	{"F17", "Pipelining", "RFC 9112 §9.3.2", "answered in order, one at a time, with a bounded read-ahead"},
}

var connections = []rule{
	{"X1", "Fields of the connection end at the proxy", "RFC 9110 §7.6.1", "Connection, all that it nominates, and the known ones, both ways"},
	{"X2", "A client that nominates our fields away", "CVE-2024-45410, CVE-2026-29054", "nominated fields go first, ours are added then"},
	{"X3", "Forged X-Forwarded-*, Forwarded, X-Real-IP, X-Request-Id", "CVE-2026-35051, CVE-2026-39858", "replaced unless the peer is in trusted_proxies; the list is walked from the right"},
	{"X4", "Via, Max-Forwards, Date", "RFC 9110 §6.6.1, §7.6", "Date is added where it is missing; as a gateway no Via; TRACE never goes on"},
	{"X5", "Retries", "RFC 9110 §9.2.2", "by one table: only what was not sent, or is idempotent and whole in our hands, and never twice sent"},
	{"X6", "Timeouts", "CVE-2026-22045, CVE-2026-26999", "absolute for a head; gap and rate for bodies; idle for keep-alive and tunnels; connect, first byte, gap for instances"},
	{"X7", "A client that reads slowly", "slow read", "bounded memory for each, and a least rate"},
	{"X8", "An answer before the request was read", "RFC 9112 §9.6", "half-close, read on for a while, then close, so that the client sees it"},
	{"X9", "A client that closes its half", "RFC 9112 §9.6", "is served; a reset ends the request at the instance"},
	{"X10", "No descriptors left", "accept(2), EMFILE", "idle connections go first; accepting pauses and says so"},
	{"X11", "One client that takes everything", "", "connections in all, per address, and memory of unfinished heads are bounded"},
	{"X12", "Large uploads", "", "constant memory; a spool is unlinked and has a quota"},
	{"X13", "PROXY protocol", "HAProxy, proxy-protocol.txt", "only from listed peers, before all else; version 1 up to 107 octets, version 2 with its length bounded"},
	{"X14", "A path that router and application read differently", "CVE-2025-32431, CVE-2025-66490", "decoded once, cleaned, and one form for routes and files; an encoded separator is none; hidden dot segments 400"},
	{"X15", "Opening files", "openat2(2)", "beneath the root or not at all; regular files only; never blocks"},
	{"X16", "Ranges", "RFC 9110 §14.2", "merged, counted, never more than the file; If-Range compares strongly"},
	{"X17", "Conditions", "RFC 9110 §13.2.2", "in their order; weak and strong comparison; bad dates are ignored"},
	{"X18", "WebSocket", "RFC 6455", "octets behind the head go along; half-closes both ways; idle timeout; counted"},
	{"X19", "Open redirects", "CVE-2022-28923", "no Location of ours leaves the host"},
	{"X20", "Injection into the log", "caddy#1025", "control octets are escaped; credentials are never logged"},
	{"X21", "The control socket", "CVE-2026-27589", "a unix socket; who asks is known by SO_PEERCRED"},
	{"X22", "One user's answer for another", "CVE-2026-71324, CVE-2024-24791", "a connection to an instance is used again only after a plain, whole exchange"},
	{"X23", "What error answers tell", "nginx server_tokens", "no address, no name, no version"},
}
