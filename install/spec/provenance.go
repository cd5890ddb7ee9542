package spec

// Provenance is one effective leaf of the spec: its value and where it is
// from. `webstack cat` prints them.
type Provenance struct {
	// Key is dotted: app.shop.user.
	Key string
	// Value is TOML text in one line.
	Value string
	// Position is where the value is written; the zero Position is built in.
	Position Position
	// Inherited says that it is written in another table: the app that like
	// names, or the route's site.
	Inherited bool
	// Replaced are the places whose values an override replaced, oldest first.
	Replaced []Position
	// Secret values should not be shown without being asked for.
	Secret bool
}

// masked stands for a secret.
const masked = `"***"`

// Provenance lists every effective leaf: apps, upstreams, sites and the proxy,
// each in the order of the text. With mask, the values of env and credentials
// are not in it.
func (s *Spec) Provenance(mask bool) []Provenance {
	all := make([]Provenance, len(s.effective))
	for i, p := range s.effective {
		if mask && p.Secret {
			p.Value = masked
		}
		all[i] = p
	}
	return all
}

// Position is where a dotted key is written, as [DottedKey] makes it; for a key that
// is built in, where the table around it begins. The zero Position is nowhere.
func (s *Spec) Position(key string) Position {
	for key != "" {
		if p, ok := s.positions[key]; ok {
			return p
		}
		key = parentKey(key)
	}
	return Position{}
}

// Diagnose makes a diagnostic for a key of a spec that is valid in itself:
// what is wrong with it on this machine.
func (s *Spec) Diagnose(key, message, hint string) Diagnostic {
	d := Diagnostic{Position: s.Position(key), Message: message, Hint: hint}
	if lines := s.sources[d.Position.File]; 0 < d.Position.Line && d.Position.Line <= len(lines) {
		d.Excerpt = lines[d.Position.Line-1]
	}
	return d
}

// note records a leaf that holds.
func (c *checker) note(path string, k *Key, n *node, inherited bool) {
	if n.kind == tableKind {
		c.where[joinKey(path, k.Name)] = n.key
		return // its entries are noted one by one
	}
	c.noteLeaf(path, n, inherited, k.Secret)
}

func (c *checker) noteLeaf(path string, n *node, inherited, secret bool) {
	key := joinKey(path, n.name)
	c.where[key] = n.at
	p := Provenance{Key: key, Value: inlineTOML(n), Position: n.at.position(), Inherited: inherited, Secret: secret}
	for _, old := range n.replaced {
		p.Replaced = append(p.Replaced, old.position())
	}
	c.effective = append(c.effective, p)
}

// noteDefault records a built-in value.
func (c *checker) noteDefault(path string, k *Key) {
	if k.Default != "" && k.Status == Ready {
		c.effective = append(c.effective, Provenance{Key: joinKey(path, k.Name), Value: k.Default})
	}
}
