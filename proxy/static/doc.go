// Package static decides how a request for a file is answered. It is pure:
// the request's values and the file's facts in, an [Answer] out; package open
// does the opening and the caller the sending.
//
// Its nouns, in the order in which a request meets them:
//
//   - [Locate] maps a cleaned path to a name below the route's root (nginx's
//     alias), or knows the answer already;
//   - a [File] is the facts of what was opened, see [Describe];
//   - [Select] chooses among the file and its compressed forms by what the
//     client accepts; each form is a File of its own ([DescribeEncoded]);
//   - [Decide] gives the [Answer]: a status, fields, and which bytes to send;
//   - a [Scratch] is the memory that it is made in.
//
// What it promises: GET and HEAD only; preconditions in the order of RFC 9110
// section 13.2.2; ranges that never add up to more than the file; redirects
// that stay on the host; no dotfile but below /.well-known/; no allocation
// where a Scratch is used again.
//
// What it leaves out: directory listings, and compressing. A compressed form
// that is older than its file is served all the same, as nginx does.
package static
