package config

import "errors"

// Decode reads a config that [Encode] wrote, strictly: another version,
// unknown and duplicate keys, trailing data and more than [MaxBytes] are
// refused. It does not call Validate.
func Decode(data []byte) (*Config, error) { return nil, errors.New("not built") }

// Encode writes the config as indented JSON with a final newline; equal
// configs give equal bytes.
func Encode(c *Config) ([]byte, error) { return nil, errors.New("not built") }
