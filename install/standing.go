package install

import "fmt"

// Standing are the generations whose instances may be on this machine, as far
// as the agent may read them.
type Standing struct {
	// Current is the applied one with its OnChange, nil where nothing is applied.
	Current *Generation
	// Pending are those of applies that did not end, or have not yet.
	Pending []*Generation
}

// StandingMark differs whenever ReadStanding would say something else: a
// generation never changes. It costs a link and a small file.
func StandingMark(p Paths) (string, error) {
	n, err := CurrentGeneration(p)
	if err != nil {
		return "", err
	}
	pending, err := readPending(p)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(n, pending), nil
}

// ReadStanding reads them.
func ReadStanding(p Paths) (*Standing, error) {
	var s Standing
	var err error
	if s.Current, err = Applied(p); err != nil {
		return nil, err
	}
	if s.Current != nil {
		if s.Current.Desired.OnChange, err = loadOnChange(p.generation(s.Current.Number)); err != nil {
			return nil, err
		}
	}
	pending, err := readPending(p)
	if err != nil {
		return nil, err
	}
	s.Pending, err = loadManifests(p, pending)
	return &s, err
}
