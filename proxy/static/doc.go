// Package static decides how a request for a file is answered. It is pure:
// the request's values and the file's facts in, an [Answer] out; package open
// does the opening and the caller the sending.
//
// Its nouns, in the order in which a request meets them:
//
//   - [Locate] maps a cleaned path to a name below the route's root (nginx's
//     alias), or knows the answer already;
//   - a [File] is the facts of what was opened, see [Describe];
//   - [Decide] gives the [Answer]: a status, fields, and which bytes to send.
//
// What it promises: GET and HEAD only; preconditions in the order of RFC 9110
// section 13.2.2; ranges that never add up to more than the file; redirects
// that stay on the host; no dotfile but below /.well-known/.
//
// What it leaves out: directory listings, and precompressed files. A folder
// costs the caller a second open, for its index.
package static
