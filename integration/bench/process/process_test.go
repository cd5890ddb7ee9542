package process

import (
	"net"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait of these tests.
const patience = 10 * time.Second

func start(t *testing.T, argv ...string) *Process {
	t.Helper()
	p, err := Start(Spec{Name: argv[0], Argv: argv, Core: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestTheMeterCountsDescendants(t *testing.T) {
	// The shell only waits; its child computes.
	p := start(t, "sh", "-c", "sh -c 'i=0; while :; do i=$((i+1)); done'; :")
	for deadline := time.Now().Add(patience); ; {
		used, err := p.CPU()
		if err == nil && used > (50*time.Millisecond).Nanoseconds() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d ns, %v, want more than 50 ms of a child that computes", used, err)
		}
	}
	m, err := p.Memory()
	if err != nil {
		t.Fatal(err)
	}
	if m.RSS <= 0 || m.PSS <= 0 || m.PSS > m.RSS || m.Anonymous > m.RSS {
		t.Errorf("got memory that cannot be: %+v", m)
	}
}

func TestAProcessThatEndsEarlyIsExplained(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	p := start(t, "sh", "-c", "echo cannot bind; exit 3")
	err = p.AwaitListening(t.Context(), nobody)
	if err == nil || !strings.Contains(err.Error(), "cannot bind") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v, want an error with its words and its status", err)
	}
}

func TestAProcessKeepsToItsCore(t *testing.T) {
	cores, err := Cores()
	if err != nil {
		t.Fatal(err)
	}
	last := cores[len(cores)-1]
	p, err := Start(Spec{Name: "nproc", Argv: []string{"nproc"}, Core: last})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Ended():
	case <-time.After(patience):
		t.Fatal("nproc does not end")
	}
	if got := p.Output(); got != "1" {
		t.Errorf("got %q cores, want 1", got)
	}
	if after, err := Cores(); err != nil || len(after) != len(cores) {
		t.Errorf("got cores %v for ourselves, %v, want %v as before", after, err, cores)
	}
}
