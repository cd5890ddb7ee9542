// Package static decides how a request for a file is answered. It is pure:
// the request's values and the file's facts in, an [Answer] out.
package static
