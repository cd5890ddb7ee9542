package importer

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install/importer"
	"github.com/webstack/webstack/install/importer/load"
	"github.com/webstack/webstack/integration/unrun"
)

// corpusFolder is the one that install/importer tests and fuzzes with.
const corpusFolder = "../../install/importer/testdata/corpus"

// leastCases keeps the corpus from shrinking.
const leastCases = 60

// TestNginxAndItsConvertedConfigurationAnswerAlike runs every configuration of
// the corpus in both.
func TestNginxAndItsConvertedConfigurationAnswerAlike(t *testing.T) {
	cases, err := Cases(corpusFolder)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < leastCases {
		t.Errorf("the corpus has %d configurations, want at least %d", len(cases), leastCases)
	}
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx"
		if _, err := os.Stat(nginx); err != nil {
			unrun.Skip(t, "nginx is not installed, so nothing was compared with it")
		}
	}
	webstack := filepath.Join(t.TempDir(), "webstack")
	if out, err := exec.Command("go", "build", "-o", webstack, "github.com/webstack/webstack/cmd/webstack").CombinedOutput(); err != nil {
		t.Fatalf("cannot build webstack: %v\n%s", err, out)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			compareCase(t, c, nginx, webstack)
		})
	}
}

// stage is what both sides of a case stand on.
type stage struct {
	folder string
	// nginx and webstack are the ports of each in the place of the file's.
	nginx, webstack map[int]int
	conf            string
}

func compareCase(t *testing.T, c Case, nginx, webstack string) {
	s := newStage(t, c)
	forNginx, forWebstack := s.ports(s.nginx), s.ports(s.webstack)

	spec := filepath.Join(s.folder, "webstack.toml")
	source := filepath.Join(s.folder, "source.conf")
	write(t, source, forWebstack)
	config, err := (&load.Files{}).Nginx(source)
	if err != nil {
		t.Fatal(err)
	}
	result := importer.Convert(importer.Sources{Nginx: config}, importer.Options{})
	if len(result.Report.Problems) > 0 {
		t.Errorf("got problems %v, want none: nginx takes it", result.Report.Problems)
	}
	write(t, spec, withoutLog(result.TOML))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	theirs := running(t, func() (*side, error) { return startNginx(nginx, forNginx, s.folder) })
	ours := running(t, func() (*side, error) { return start("webstack", webstack, "serve", "--foreground", spec) })
	for _, r := range c.Requests {
		if err := theirs.answers(ctx, s.nginx[r.Port]); err != nil {
			t.Fatal(err)
		}
		if err := ours.answers(ctx, s.webstack[r.Port]); err != nil {
			t.Fatalf("%v\n%s", err, result.TOML)
		}
		compareRequest(t, s, r, result.TOML)
	}
}

func running(t *testing.T, begin func() (*side, error)) *side {
	t.Helper()
	s, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

// compareRequest asks both.
func compareRequest(t *testing.T, s *stage, r Request, spec string) {
	t.Helper()
	want, err := Ask(r, s.nginx[r.Port])
	if err != nil {
		t.Fatalf("%s: nginx does not answer: %v", r, err)
	}
	got, err := Ask(r, s.webstack[r.Port])
	if err != nil {
		t.Fatalf("%s: webstack does not answer: %v", r, err)
	}
	// A body and a Location may name the port of the side that wrote them.
	for _, a := range []struct {
		answer *Answer
		ports  map[int]int
	}{{want, s.nginx}, {got, s.webstack}} {
		back := map[int]int{}
		for there, here := range a.ports {
			back[here] = there
		}
		a.answer.Body = translate(a.answer.Body, back)
		for name, values := range a.answer.Header {
			for i := range values {
				a.answer.Header[name][i] = translate(values[i], back)
			}
		}
	}
	Normalise(want, got)
	found := Compare(r, want, got)
	if slices.Equal(r.Differs, []string{"answer"}) && len(found) > 0 {
		return
	}
	for what, how := range found {
		if !slices.Contains(r.Differs, what) {
			t.Errorf("%s: %s: %s\n%s", r, what, how, spec)
		}
	}
	for _, what := range r.Differs {
		if found[what] == "" {
			t.Errorf("%s: %s is said to differ (%s) and does not", r, what, r.Why)
		}
	}
}

// newStage makes the files and the applications of a case.
func newStage(t *testing.T, c Case) *stage {
	t.Helper()
	s := &stage{folder: t.TempDir(), nginx: map[int]int{}, webstack: map[int]int{}, conf: c.Conf}
	www := filepath.Join(s.folder, "www")
	page := strings.Repeat("a page that is worth compressing\n", 100)
	for name, text := range map[string]string{
		"index.html": "<h1>index</h1>\n", "a.css": "a { color: red }\n", "b.txt": "0123456789\n", "data.json": "{}\n", "noext": "?\n",
		"static/a.css": "b { color: blue }\n", "static/sub/index.html": "<h1>sub</h1>\n", "static/nested/x.txt": "x\n", "static/.hidden": "no\n",
		"page.txt": page, "page.txt.gz": "compressed, as far as anybody here can tell\n", ".hidden": "no\n", "favicon.ico": "icon\n", "robots.txt": "robots\n",
		"private/secret.txt": "secret\n", "htpasswd": "u:{PLAIN}p\n",
	} {
		write(t, filepath.Join(www, name), text)
	}
	if err := os.MkdirAll(filepath.Join(www, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for port := 9001; port <= 9003; port++ {
		b := NewBackend(listen(t, "tcp", "127.0.0.1:0"))
		go b.Run()
		t.Cleanup(b.Close)
		s.nginx[port] = portOf(b.Listener)
		s.webstack[port] = s.nginx[port]
	}
	mute := listen(t, "tcp", "127.0.0.1:0")
	go dieAlways(mute)
	s.nginx[9004] = portOf(mute)
	s.webstack[9004] = portOf(mute)
	onPath := NewBackend(listen(t, "unix", filepath.Join(s.folder, "app.sock")))
	go onPath.Run()
	t.Cleanup(onPath.Close)
	// Ports that nothing listens on: each side's own, and one for both.
	var held []net.Listener
	for _, port := range []int{8081, 8082, 9009} {
		a, b := listen(t, "tcp", "0.0.0.0:0"), listen(t, "tcp", "0.0.0.0:0")
		held = append(held, a, b)
		s.nginx[port], s.webstack[port] = portOf(a), portOf(b)
	}
	for _, l := range held {
		_ = l.Close()
	}
	s.conf = strings.ReplaceAll(strings.ReplaceAll(s.conf, "/srv/www/..", s.folder), "/srv/www", www)
	return s
}

// dieAlways takes connections and closes them when something was sent.
func dieAlways(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		_, _ = conn.Read(make([]byte, 4096))
		_ = conn.Close()
	}
}

func listen(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// One age for all files, whoever serves them and whenever.
	age := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := os.Chtimes(path, age, age); err != nil {
		t.Fatal(err)
	}
}

var portNumber = regexp.MustCompile(`\b\d{4,5}\b`)

// translate replaces ports in a text.
func translate(text string, ports map[int]int) string {
	return portNumber.ReplaceAllStringFunc(text, func(digits string) string {
		n, _ := strconv.Atoi(digits)
		if to := ports[n]; to != 0 {
			return strconv.Itoa(to)
		}
		return digits
	})
}

// ports is the configuration with the ports of one side.
func (s *stage) ports(side map[int]int) string {
	var lines []string
	for line := range strings.SplitSeq(s.conf, "\n") {
		if !strings.HasPrefix(line, "#>") {
			line = translate(line, side)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// withoutLog keeps the proxy from writing to the machine's log.
func withoutLog(spec string) string {
	const off = "access_log = \"off\"\n"
	if before, after, found := strings.Cut(spec, "\n[proxy]\n"); found {
		return fmt.Sprintf("%s\n[proxy]\n%s%s", before, off, after)
	}
	return spec + "\n[proxy]\n" + off
}
