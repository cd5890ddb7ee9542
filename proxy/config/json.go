package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxBytes is the longest config that is read: some ten thousand routes. It
// keeps a wrong file from being taken into memory whole.
const MaxBytes = 16 << 20

// Decode reads a config that [Encode] wrote, strictly: another version, null,
// unknown and duplicate keys, trailing data and more than [MaxBytes] are
// refused. It does not call Validate.
func Decode(data []byte) (*Config, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the config has %d bytes, more than %d", len(data), MaxBytes)
	}
	// The version comes first: a config of another release shall say so, and
	// not which of its keys is unknown here.
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("cannot read the config: %w", err)
	}
	if head.Version == nil {
		return nil, errors.New("the config has no version")
	}
	if *head.Version != Version {
		return nil, fmt.Errorf("the config has version %d and this proxy reads %d: apply with the release that serves", *head.Version, Version)
	}
	if err := checkKeys(data); err != nil {
		return nil, fmt.Errorf("cannot read the config: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	c := &Config{}
	if err := decoder.Decode(c); err != nil {
		return nil, fmt.Errorf("cannot read the config: %w", err)
	}
	return c, nil
}

// checkKeys refuses what encoding/json lets pass: a key twice in an object (of
// which the last would win), a key in another case than ours, and null (which
// would leave a field as if it were absent).
func checkKeys(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	var open []*object
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 {
			isKey, err := open[len(open)-1].take(token)
			if err != nil {
				return fmt.Errorf("at byte %d: %w", decoder.InputOffset(), err)
			}
			if isKey {
				continue
			}
		}
		switch token {
		case nil:
			return fmt.Errorf("at byte %d: null is no value here", decoder.InputOffset())
		case json.Delim('{'):
			open = append(open, &object{keys: map[string]bool{}})
		case json.Delim('['):
			open = append(open, &object{})
		}
	}
}

// object is an object that is open, or an array, which has no keys.
type object struct {
	keys map[string]bool
	// inValue says that a key has been read and its value has not.
	inValue bool
}

// take sees the next token inside of the object and says whether it is a key.
func (o *object) take(token json.Token) (isKey bool, err error) {
	if o.keys == nil || o.inValue {
		o.inValue = false
		return false, nil
	}
	key, _ := token.(string)
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return true, fmt.Errorf("unknown key %q", key)
	}
	if o.keys[key] {
		return true, fmt.Errorf("key %q is there twice", key)
	}
	o.keys[key], o.inValue = true, true
	return true, nil
}

// Encode writes the config as indented JSON with a final newline; equal
// configs give equal bytes.
func Encode(c *Config) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(withoutNil(*c)); err != nil {
		return nil, fmt.Errorf("cannot write the config: %w", err)
	}
	if out.Len() > MaxBytes {
		return nil, fmt.Errorf("the config has %d bytes, more than the %d that are read", out.Len(), MaxBytes)
	}
	return out.Bytes(), nil
}

// withoutNil makes the lists that are always written empty instead of null.
// The config given stays as it is.
func withoutNil(c Config) Config {
	c.Listeners = append([]Listener{}, c.Listeners...)
	c.Upstreams = append([]Upstream{}, c.Upstreams...)
	for i := range c.Upstreams {
		c.Upstreams[i].Instances = append([]Instance{}, c.Upstreams[i].Instances...)
	}
	c.Sites = append([]Site{}, c.Sites...)
	for i := range c.Sites {
		site := &c.Sites[i]
		site.Listeners = append([]string{}, site.Listeners...)
		site.Routes = append([]Route{}, site.Routes...)
	}
	return c
}
