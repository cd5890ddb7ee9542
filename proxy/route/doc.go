// Package route turns a request's target and host into the route that
// answers it, and expands the request's placeholders. It is pure: strings in,
// values out.
package route
