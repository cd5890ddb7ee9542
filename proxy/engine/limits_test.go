package engine

import (
	"strings"
	"testing"
	"time"
)

func TestX11UnfinishedHeadsAreGivenBackHoweverTheyEnd(t *testing.T) {
	for how, end := range map[string]func(*scene){
		"the client leaves":      (*scene).clientLeaves,
		"the client resets":      (*scene).clientResets,
		"the client half-closes": (*scene).clientHalfCloses,
		"its time is over":       func(x *scene) { x.after(10 * time.Second) },
		"it turns to garbage":    func(x *scene) { x.clientSends("\x00") },
		"it comes to its end":    func(x *scene) { x.clientSends("st: h\n\n") },
		"it becomes too large":   func(x *scene) { x.clientSends("st: h\nX: " + strings.Repeat("x", 40<<10)) },
	} {
		x := newScene(t)
		x.clientSends("GET / HTTP/1.1\nHo")
		if x.worker.headBytes == 0 {
			t.Error("an unfinished head is not counted")
		}
		end(x)
		if n := x.worker.headBytes; n != 0 {
			t.Errorf("%s: %d bytes of heads are still counted", how, n)
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}
