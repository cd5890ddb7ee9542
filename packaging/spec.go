package packaging

import _ "embed"

// Spec is the commented webstack.toml to start from.
//
//go:embed webstack.toml
var Spec []byte
