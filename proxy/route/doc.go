// Package route turns a request's target and host into the route that
// answers it, and expands the request's placeholders. It is pure: strings in,
// values out, and nothing on the way of an ordinary request allocates.
//
// Its nouns:
//
//   - the target is the request-target as received, the path its cleaned form
//     ([Clean]): decoded once, dot segments resolved, slashes merged;
//   - a [Table] is the sites of one listener, compiled; [Table.Match] gives
//     the target number of a route, or a [Verdict] that names the status of
//     the refusal;
//   - a [Template] is a text with request placeholders.
//
// What it promises: routing and file lookup see one and the same path; that
// path never holds a dot segment, an empty segment or a NUL; an encoded slash
// never becomes a separator, and where treating it as one would choose another
// route the request is refused, so an application that decodes it cannot be
// reached past a route that was meant to guard it.
//
// What it leaves to others: the target is forwarded raw (but for [Strip]), so
// an application that merges slashes or strips ";" parameters by rules of its
// own may see another path than the one that was matched. The forms that are
// known to be used for that are refused, see [Clean].
package route
