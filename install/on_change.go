package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/webstack/webstack/install/spec"
)

// onChangeFile holds who is told of events, in a generation's folder. Anybody
// may read a manifest, and the path of a URL is often a secret: this is for
// root and the agent.
const onChangeFile = "on_change.json"

func storeOnChange(p Paths, dir string, list []spec.OnChange) error {
	if len(list) == 0 {
		return nil
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, onChangeFile)
	if err := writeFile(path, append(text, '\n'), 0o640); err != nil {
		return err
	}
	return giveToGroup(path, p.AgentGroup)
}

func loadOnChange(dir string) ([]spec.OnChange, error) {
	path := filepath.Join(dir, onChangeFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read who is told of events: %w", err)
	}
	var list []spec.OnChange
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return list, nil
}
