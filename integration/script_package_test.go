package integration

import (
	"flag"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/integration/unrun"
)

// What `make package-test` has built for TestPackages.
var (
	packageFolder = flag.String("packages", "", "folder of the packages under test: old/ and new/")
	otherRoot     = flag.String("other-root", "", "folder of another installation to test them in too")
)

// TestPackages installs, upgrades and removes the packages: on machines of the
// host's installation, and on those of another Debian. It takes minutes.
func TestPackages(t *testing.T) {
	if *packageFolder == "" {
		t.Skip("make package-test runs this")
	}
	if err := machine.Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	t.Run("host", func(t *testing.T) { runPackageScripts(t, "", "testdata/package", "testdata/package/host") })
	t.Run("other", func(t *testing.T) {
		if !isInstallation(*otherRoot) {
			unrun.Skip(t, "there is no other installation at "+*otherRoot+": debian.sh has said why")
		}
		runPackageScripts(t, *otherRoot, "testdata/package")
	})
}

func isInstallation(root string) bool {
	found, err := filepath.Glob(filepath.Join(root, "etc/os-release"))
	return root != "" && err == nil && len(found) == 1
}

func runPackageScripts(t *testing.T, root string, dirs ...string) {
	env := packageEnvironment(t)
	shared := &shared{slots: make(chan struct{}, atOnce), root: root}
	for _, dir := range dirs {
		testscript.Run(t, parameters(t, dir, shared, func(e *testscript.Env) { e.Vars = append(e.Vars, env...) }))
	}
}

// packageEnvironment tells the scripts where the packages for this machine are.
func packageEnvironment(t *testing.T) []string {
	t.Helper()
	rpmArch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	lint, err := filepath.Abs(filepath.Join(repository, "packaging/lint"))
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"LINT=" + lint}
	for _, p := range []struct{ name, pattern string }{
		{"OLD_DEB", "old/webstack_*_" + runtime.GOARCH + ".deb"},
		{"NEW_DEB", "new/webstack_*_" + runtime.GOARCH + ".deb"},
		{"OLD_RPM", "old/webstack-*." + rpmArch + ".rpm"},
		{"NEW_RPM", "new/webstack-*." + rpmArch + ".rpm"},
		{"APT_REPOSITORY", "repo/apt"},
		{"YUM_REPOSITORY", "repo/yum"},
	} {
		found, err := filepath.Glob(filepath.Join(*packageFolder, p.pattern))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s in %s: got %q, want one", p.pattern, *packageFolder, found)
		}
		path, err := filepath.Abs(found[0])
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, p.name+"="+path)
	}
	return env
}
