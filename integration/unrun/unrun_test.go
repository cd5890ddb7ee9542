package unrun

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSummary(t *testing.T) {
	tests := []struct{ name, collected, want string }{
		{"nothing is left out", "", ""},
		{"one test", "TestA\tno root\n", "not run: 1: TestA because no root"},
		{
			"tests of one reason stand together",
			"TestA\tno root\nTestB\tno memory controller\nTestC\tno root\n",
			"not run: 3: TestA, TestC because no root; TestB because no memory controller",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Summary(test.collected); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestSkipIsNotedAndSkips(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unrun")
	t.Setenv(Env, path)
	skipped := false
	t.Run("sub", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		Skip(t, "there is\nno moon")
	})
	if !skipped {
		t.Error("the test was not skipped")
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "TestSkipIsNotedAndSkips/sub\tthere is no moon\n"; string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
