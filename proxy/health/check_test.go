package health

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

const patience = config.Duration(20 * time.Second)

// serve runs an app and gives its address.
func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// refused is an address where nobody listens.
func refused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return l.Addr().String()
}

// wantVerdict wants no error where want is "", else one with it.
func wantVerdict(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestWhatIsWell(t *testing.T) {
	var asked *http.Request
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r
		switch r.URL.Path {
		case "/ok":
			fmt.Fprint(w, "all is well")
		case "/moved":
			http.Redirect(w, r, "/broken", http.StatusFound)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/long":
			fmt.Fprint(w, strings.Repeat(" ", maxBody), "all is well")
		case "/cut":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "all is")
		}
	})
	for _, tt := range []struct {
		name  string
		check config.Health
		want  string
	}{
		{"200", config.Health{Path: "/ok"}, ""},
		{"a redirect is an answer", config.Health{Path: "/moved"}, ""},
		{"500", config.Health{Path: "/broken"}, "/broken is answered with 500"},
		{"500 where that is well", config.Health{Path: "/broken", Status: []config.StatusRange{{From: 500, To: 500}}}, ""},
		{"200 where that is not", config.Health{Path: "/ok", Status: []config.StatusRange{{From: 204, To: 204}, {From: 301, To: 302}}}, "answered with 200"},
		{"a body with the text", config.Health{Path: "/ok", Body: "well"}, ""},
		{"a body without it", config.Health{Path: "/ok", Body: "good"}, `has no "good"`},
		{"the text is too far behind", config.Health{Path: "/long", Body: "well"}, `has no "well"`},
		{"a body that breaks off before it", config.Health{Path: "/cut", Body: "well"}, "no answer"},
		{"a body that breaks off behind it", config.Health{Path: "/cut", Body: "all"}, ""},
		{"a mere connect", config.Health{}, ""},
		{"a query goes along", config.Health{Path: "/ok?deep=1"}, ""},
		{"what is no path", config.Health{Path: "ok"}, "cannot ask"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.check.Timeout = patience
			wantVerdict(t, Check(context.Background(), "tcp", address, tt.check), tt.want)
		})
	}
	if asked.Host != address || asked.UserAgent() != agent || asked.URL.RawQuery != "deep=1" {
		t.Errorf("got Host %q, User-Agent %q, query %q", asked.Host, asked.UserAgent(), asked.URL.RawQuery)
	}
	err := Check(context.Background(), "tcp", address, config.Health{Path: "/ok", Host: "shop.example", Timeout: patience})
	if err != nil || asked.Host != "shop.example" {
		t.Errorf("got Host %q, %v; want the config's", asked.Host, err)
	}
}

func TestWhoIsNotThereIsNotWell(t *testing.T) {
	address := refused(t)
	for _, path := range []string{"", "/ok"} {
		err := Check(context.Background(), "tcp", address, config.Health{Path: path, Timeout: patience})
		wantVerdict(t, err, "cannot connect: ")
		wantVerdict(t, err, "connection refused")
	}
	gone := filepath.Join(t.TempDir(), "s")
	wantVerdict(t, Check(context.Background(), "unix", gone, config.Health{Timeout: patience}), "no such file")
}

func TestAUnixSocketIsAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "localhost" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})}
	go s.Serve(l)
	defer s.Close()
	wantVerdict(t, Check(context.Background(), "unix", path, config.Health{Path: "/", Timeout: patience}), "")
}

// An instance that hangs accepts and says nothing: its kernel does the one,
// nobody the other.
func TestWhoSaysNothingIsNotWaitedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hung := config.Health{Path: "/", Timeout: config.Duration(time.Millisecond)}
	wantVerdict(t, Check(context.Background(), "tcp", l.Addr().String(), hung), "no answer within 1ms")
}
