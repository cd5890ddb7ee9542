// Package header decides which header fields pass the proxy, in both
// directions, and which ones it adds. It is pure: a slice of fields in, a
// slice of fields out.
package header
