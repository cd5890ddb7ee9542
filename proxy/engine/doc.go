// Package engine is the proxy's data plane.
package engine
