package header

import (
	"strings"
	"testing"
)

// fields reads "Name: value" lines.
func fields(lines ...string) []Field {
	var out []Field
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		out = append(out, Field{name, strings.TrimSpace(value)})
	}
	return out
}

// text writes what fields reads.
func text(in []Field) string {
	var b strings.Builder
	for _, f := range in {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}

func wantFields(t *testing.T, about string, got []Field, lines ...string) {
	t.Helper()
	if g, w := text(got), text(fields(lines...)); g != w {
		t.Errorf("%s: got\n%swant\n%s", about, g, w)
	}
}

func TestR15Classify(t *testing.T) {
	for _, tt := range []struct {
		name  string
		class Class
		alias bool
	}{
		{"Connection", Connection, false},
		{"CONNECTION", Connection, false},
		{"keep-alive", HopByHop, false},
		{"Keep_Alive", HopByHop, true},
		{"Content_Length", Framing, true},
		{"Transfer-Encoding", Framing, false},
		{"X_Real_IP", RealIP, true},
		{"X_Real-IP", RealIP, true},
		{"X-Forwarded_For", ForwardedFor, true},
		{"X-Forwarded-Ssl", ForwardedOther, false},
		{"x_forwarded_user", ForwardedOther, true},
		{"X-Accel-Redirect", Internal, false},
		{"Proxy", Never, false},
		{"Proxy-Connection", HopByHop, false},
		{"HTTP2-Settings", Never, false},
		{"Cookie", Credential, false},
		{"X-Custom_Name", EndToEnd, false},
		{"Accept", EndToEnd, false},
		{"X-Forwarded", EndToEnd, false},
		{"", EndToEnd, false},
	} {
		if class, alias := Classify(tt.name); class != tt.class || alias != tt.alias {
			t.Errorf("Classify(%q) = %v, %v, want %v, %v", tt.name, class, alias, tt.class, tt.alias)
		}
	}
}
