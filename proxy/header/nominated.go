package header

import "strings"

// fewNominated is how many names are compared one by one. Honest messages
// nominate one or two; beyond it a map keeps a hostile one from costing the
// product of its fields and its tokens.
const fewNominated = 8

// nominated is the set of names that a message's Connection fields nominate
// and that are not hop-by-hop anyway.
type nominated struct {
	few  [fewNominated]string
	n    int
	many map[string]bool
}

func nominatedBy(in []Field) nominated {
	var set nominated
	for _, f := range in {
		if same, alias := equal(f.Name, "connection"); !same || alias {
			continue
		}
		for token, rest := nextToken(f.Value); ; token, rest = nextToken(rest) {
			set.add(token)
			if rest == "" {
				break
			}
		}
	}
	return set
}

// nextToken takes one element of a comma-separated list.
func nextToken(list string) (token, rest string) {
	token, rest, _ = strings.Cut(list, ",")
	return strings.Trim(token, " \t"), rest
}

func (s *nominated) add(token string) {
	switch {
	case token == "", strings.EqualFold(token, "close"):
		return
	}
	if class, _ := Classify(token); class == HopByHop {
		return
	}
	switch {
	case s.many != nil:
		s.many[strings.ToLower(token)] = true
	case s.n < len(s.few):
		s.few[s.n] = token
		s.n++
	default:
		s.many = make(map[string]bool)
		for _, t := range s.few {
			s.many[strings.ToLower(t)] = true
		}
		s.many[strings.ToLower(token)] = true
	}
}

func (s *nominated) has(name string) bool {
	if s.n == 0 {
		return false
	}
	if s.many != nil {
		return s.many[strings.ToLower(name)]
	}
	for _, t := range s.few[:s.n] {
		if Same(t, name) {
			return true
		}
	}
	return false
}
