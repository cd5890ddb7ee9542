package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Case is one configuration of the corpus with the requests that stand in its
// comments:
//
//	#> GET :8081 /static/a.css Host=example.com ~ header:Expires why it differs
type Case struct {
	Name string
	// Sentence says what it shows.
	Sentence string
	Conf     string
	Requests []Request
}

// Request is one request of a case.
type Request struct {
	Method, Target string
	Port           int
	Header         [][2]string
	// Body is how many bytes of a body are sent.
	Body int
	// Differs are the parts that are known to differ: "status", "body",
	// "header:Name", or "answer" for an answer that is another one.
	Differs []string
	Why     string
}

func (r Request) String() string { return fmt.Sprintf("%s :%d %s", r.Method, r.Port, r.Target) }

// Cases reads the corpus in a folder.
func Cases(folder string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.conf"))
	if err != nil {
		return nil, err
	}
	var all []Case
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		c := Case{Name: strings.TrimSuffix(filepath.Base(file), ".conf"), Conf: string(text)}
		for line := range strings.Lines(c.Conf) {
			line = strings.TrimSpace(line)
			rest, is := strings.CutPrefix(line, "#> ")
			switch {
			case is:
				r, err := parseRequest(rest)
				if err != nil {
					return nil, fmt.Errorf("%s: %q: %w", file, rest, err)
				}
				c.Requests = append(c.Requests, r)
			case c.Sentence == "" && strings.HasPrefix(line, "# "):
				c.Sentence = strings.TrimPrefix(line, "# ")
			}
		}
		if len(c.Requests) == 0 {
			return nil, fmt.Errorf("%s names no request", file)
		}
		all = append(all, c)
	}
	return all, nil
}

func parseRequest(line string) (Request, error) {
	var r Request
	line, differs, _ := strings.Cut(line, " ~ ")
	if differs != "" {
		parts, why, found := strings.Cut(differs, " ")
		if !found {
			return r, fmt.Errorf("a difference has no reason")
		}
		r.Differs, r.Why = strings.Split(parts, ","), why
	}
	words := strings.Fields(line)
	if len(words) < 3 || !strings.HasPrefix(words[1], ":") {
		return r, fmt.Errorf("it is not METHOD :PORT TARGET")
	}
	port, err := strconv.Atoi(words[1][1:])
	if err != nil {
		return r, err
	}
	r.Method, r.Port, r.Target = words[0], port, words[2]
	for _, w := range words[3:] {
		name, value, _ := strings.Cut(w, "=")
		if name == "body" {
			if r.Body, err = strconv.Atoi(value); err != nil {
				return r, err
			}
			continue
		}
		r.Header = append(r.Header, [2]string{name, value})
	}
	return r, nil
}
