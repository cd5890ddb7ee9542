package engine

import (
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/accesslog"
)

// A request that was never understood is answered and logged as what it is:
// nothing of an earlier one, maybe another client's, is taken for it.
func TestARefusedHeadHasNothingOfAnEarlierRequest(t *testing.T) {
	for how, c := range map[string]struct {
		refused func(*scene)
		status  int
		logged  string
	}{
		"its time is over": {
			func(x *scene) { x.clientSends("POST /slow"); x.after(x.plan.limits.Head) }, 408, "/slow",
		},
		"part of it is garbage": {func(x *scene) { x.clientSends("GET \x01") }, 400, `GET \\u0001`},
		"all of it is garbage": {
			func(x *scene) { x.clientSends("\x16\x03\x01\n\n") }, 400, `\\u0016\\u0003\\u0001\\u000d\\u000a`,
		},
	} {
		t.Run(how, func(t *testing.T) {
			x := newScene(t)
			path := t.TempDir() + "/access.log"
			stop := x.logTo(path, accesslog.JSON)
			x.clientSends("HEAD /secret HTTP/1.0\nHost: private.test\nReferer: /from\nUser-Agent: he\n\n")
			x.instanceSends("HTTP/1.1 204 No Content\n\n")
			x.connects()
			c.refused(x)
			x.wantField(x.client, "Connection: close")
			x.wantClientGetsStatus(c.status)
			x.closeAll()
			stop()
			lines := strings.Split(strings.TrimSpace(readFile(t, path)), "\n")
			line := lines[len(lines)-1]
			for _, alien := range []string{"secret", "private", "from", "he\"", "HEAD", `u0000`} {
				if strings.Contains(line, alien) {
					t.Errorf("the log has %q in %s", alien, line)
				}
			}
			for _, want := range []string{`"target":"` + strings.ReplaceAll(c.logged, `\\`, `\`), `"request_id":"`} {
				if !strings.Contains(line, want) {
					t.Errorf("the log has no %q in %s", want, line)
				}
			}
			x.wantNothingLeft()
		})
	}
}
