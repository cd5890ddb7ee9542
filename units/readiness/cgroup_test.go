package readiness

import (
	"strings"
	"testing"
)

func FuzzGroup(f *testing.F) {
	f.Add("0::/app.slice/app@8020.service\n")
	f.Add("4:memory:/other\n1:name=systemd:/_app@8020.service\n")
	f.Fuzz(func(t *testing.T, text string) {
		if got := groupIn(text, unitName); got != "" && !strings.HasSuffix(got, unitName) {
			t.Errorf("got %q, which is no group of %s", got, unitName)
		}
	})
}

func TestTheGroupOfAUnitIsReadFromTheKernelsText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"cgroup v2", "0::/app.slice/app@8020.service\n", "/app.slice/app@8020.service"},
		{"below it", "0::/app.slice/app@8020.service/.control\n", "/app.slice/app@8020.service"},
		{"hybrid", "4:memory:/other\n1:name=systemd:/app.slice/app@8020.service\n0::/app.slice/app@8020.service\n", "/app.slice/app@8020.service"},
		{"escaped", "0::/_app@8020.service\n", "/_app@8020.service"},
		{"a controller's is not systemd's", "4:memory:/app@8020.service\n", ""},
		{"another instance", "0::/app.slice/app@80200.service\n", ""},
		{"a shell", "0::/user.slice/user-0.slice/session-1.scope\n", ""},
		{"nothing", "", ""},
		{"no group", "0::\n", ""},
	} {
		if got := groupIn(c.text, unitName); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAGateRunsInItsOwnUnitAlone(t *testing.T) {
	_, err := OwnUnit(unitName)
	wantError(t, err, "this is no process of app@8020.service")
}
