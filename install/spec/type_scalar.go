package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Limits of counts. They bound what a typing error can ask for.
const (
	maxCount     = 1 << 30
	maxInstances = 1024 // units of one app: more is a mistake on one machine
	maxWeight    = 65535
	maxTries     = 100
	maxLoops     = 1024 // processors of the largest machines
	minStatus    = 200  // the first that ends an exchange
	maxStatus    = 599
	maxDuration  = 3650 * 24 * time.Hour
)

// written is how a message names a value that has the wrong form.
func written(n *node) string {
	switch n.kind {
	case tableKind, listKind:
		return n.kind.String()
	case textKind:
		return quote(clip(n.text))
	case dateKind:
		return "the date " + clip(n.text)
	case boolKind:
		return n.text
	}
	return "the number " + clip(n.text)
}

// wrong reports a value of the wrong form.
func (c *checker) wrong(k *Key, n *node, hint string) (any, bool) {
	c.fail(n.at, hint, "%s is %s, not %s", k.Name, written(n), k.Type.Says)
	return nil, false
}

// empty reports a list that needs an element.
func (c *checker) empty(k *Key, n *node, hint string) (any, bool) {
	c.fail(n.at, hint, "%s is an empty list", k.Name)
	return nil, false
}

// requote is the hint for a scalar that should have been a string.
func requote(k *Key, n *node) string {
	if n.kind == tableKind || n.kind == listKind {
		return ""
	}
	return fmt.Sprintf("quote it: %s = %s", k.Name, quote(n.text))
}

// number reads an integer in any of TOML's notations.
func number(n *node) (int, bool) {
	v, err := strconv.ParseInt(strings.ReplaceAll(n.text, "_", ""), 0, 64)
	return int(v), err == nil
}

func count(least, most int) Type {
	t := integerIn(least, most)
	t.Says = fmt.Sprintf("a number from %d to %d", least, most)
	if most == maxCount {
		t.Says = fmt.Sprintf("a number from %d up", least)
	}
	return t
}

func integerIn(least, most int) Type {
	return Type{
		Says:   fmt.Sprintf("a number from %d to %d", least, most),
		schema: object{"type": "integer", "minimum": least, "maximum": most},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind == textKind && (n.text == "" || n.text == "off") && least == 0 {
				return 0, true
			}
			if n.kind == textKind {
				if _, err := strconv.Atoi(n.text); err == nil {
					return c.wrong(k, n, fmt.Sprintf("write it without quotes: %s = %s", k.Name, n.text))
				}
			}
			if n.kind != integerKind {
				return c.wrong(k, n, "")
			}
			v, ok := number(n)
			if !ok || v < least || v > most {
				return c.wrong(k, n, "")
			}
			return v, true
		},
	}
}

func boolean() Type {
	return Type{
		Says:   "true or false",
		schema: object{"type": "boolean"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind == textKind && n.text == "off" {
				return false, true
			}
			if n.kind != boolKind {
				hint := fmt.Sprintf("write %s = true or %s = false", k.Name, k.Name)
				return c.wrong(k, n, hint)
			}
			return n.text == "true", true
		},
	}
}

// durationUnits are what a duration may end in, longest first where one ends
// as another does.
var durationUnits = []struct {
	name string
	unit time.Duration
}{
	{"ms", time.Millisecond},
	{"s", time.Second},
	{"m", time.Minute},
	{"h", time.Hour},
	{"d", 24 * time.Hour},
}

// duration takes "500ms" to "365d". least 1 refuses a zero, which systemd and
// the proxy would take as no bound at all.
func duration(least time.Duration) Type {
	return Type{
		Says:   `a duration such as "30s"`,
		schema: object{"type": "string", "pattern": `^[0-9]+(ms|s|m|h|d)$`},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			return c.duration(k, n, least)
		},
	}
}

// durationOrOff is nil for off: a zero is a value of its own (expires = "0s"
// says that an answer is stale at once).
func durationOrOff() Type {
	t := duration(0)
	return Type{
		Says:   `a duration such as "24h", or "off"`,
		schema: object{"anyOf": []any{t.schema, object{"enum": []any{"", "off"}}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind == textKind && (n.text == "" || n.text == "off") {
				return (*time.Duration)(nil), true
			}
			v, ok := c.duration(k, n, 0)
			if !ok {
				return nil, false
			}
			d := v.(time.Duration)
			return &d, true
		},
	}
}

func (c *checker) duration(k *Key, n *node, least time.Duration) (any, bool) {
	switch {
	case n.kind == integerKind && n.text == "0" && least == 0:
		return time.Duration(0), true
	case n.kind == integerKind || n.kind == floatKind:
		c.fail(n.at, fmt.Sprintf("write the unit: %s = %s", k.Name, quote(n.text+"s")), "%s = %s has no unit, so it is no duration", k.Name, clip(n.text))
		return nil, false
	case n.kind != textKind:
		return c.wrong(k, n, "")
	case (n.text == "" || n.text == "off" || n.text == "0") && least == 0:
		return time.Duration(0), true
	}
	for _, u := range durationUnits {
		digits, ok := strings.CutSuffix(n.text, u.name)
		if !ok || !isNumber(digits) {
			continue
		}
		v, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || v > int64(maxDuration/u.unit) {
			c.fail(n.at, `the longest duration is "3650d"`, "%s = %s is too long", k.Name, quote(clip(n.text)))
			return nil, false
		}
		d := time.Duration(v) * u.unit
		if d < least {
			c.fail(n.at, `for a bound that is never reached, write "365d"`, "%s = %s must be more than nothing", k.Name, quote(n.text))
			return nil, false
		}
		return d, true
	}
	if d, err := time.ParseDuration(strings.ReplaceAll(strings.ReplaceAll(n.text, " ", ""), "min", "m")); err == nil && d > 0 && d < maxDuration {
		return c.wrong(k, n, fmt.Sprintf("a whole number and one unit of ms, s, m, h, d: %s = %s", k.Name, quote(plainDuration(d))))
	}
	if isNumber(n.text) && n.text != "" {
		return c.wrong(k, n, fmt.Sprintf("write the unit: %s = %s", k.Name, quote(n.text+"s")))
	}
	return c.wrong(k, n, "a whole number and one unit of ms, s, m, h, d")
}

// plainDuration writes a duration as the spec takes it.
func plainDuration(d time.Duration) string {
	for i := len(durationUnits) - 1; i > 0; i-- {
		if u := durationUnits[i]; d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// sizeUnits are powers of 1024, longest name first.
var sizeUnits = []struct {
	name string
	unit int64
}{
	{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"B", 1},
}

// size takes "10KB" to "2GB"; off says that 0 means no limit.
func size(off bool) Type {
	t := Type{
		Says:   `a size such as "10MB"`,
		schema: object{"type": "string", "pattern": `^[0-9]+(B|KB|MB|GB|TB)$`},
	}
	if off {
		t.schema = object{"anyOf": []any{t.schema, object{"enum": []any{0, "", "off", "0"}}}}
	}
	t.parse = func(c *checker, k *Key, n *node) (any, bool) {
		isText := n.kind == textKind
		switch {
		case off && (n.kind == integerKind || isText) && isOff(n):
			return int64(0), true
		case n.kind == integerKind || n.kind == floatKind:
			c.fail(n.at, fmt.Sprintf("write the unit, B, KB, MB, GB or TB: %s = %s", k.Name, quote(n.text+"MB")), "%s = %s has no unit, so it is no size", k.Name, clip(n.text))
			return nil, false
		case !isText:
			return c.wrong(k, n, "")
		}
		for _, u := range sizeUnits {
			digits, ok := strings.CutSuffix(n.text, u.name)
			if !ok || !isNumber(digits) {
				continue
			}
			v, err := strconv.ParseInt(digits, 10, 64)
			if err != nil || v > math.MaxInt64/u.unit {
				return c.wrong(k, n, "it is larger than any disk")
			}
			if v == 0 && !off {
				return c.wrong(k, n, "delete the key for systemd's own limit")
			}
			return v * u.unit, true
		}
		digits := strings.TrimRight(strings.ToUpper(n.text), "IKMGTB ")
		if unit := strings.ToUpper(strings.TrimLeft(n.text, "0123456789 ")); isNumber(digits) && unit != "" {
			return c.wrong(k, n, fmt.Sprintf("write %s = %s", k.Name, quote(digits+unit[:1]+"B")))
		}
		return c.wrong(k, n, "a whole number and one unit of B, KB, MB, GB, TB")
	}
	return t
}

// percent takes "150%".
func percent() Type {
	return Type{
		Says:   `a percentage such as "150%"`,
		schema: object{"type": "string", "pattern": `^[0-9]+%$`},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			digits, ok := strings.CutSuffix(n.text, "%")
			if v, err := strconv.Atoi(digits); ok && n.kind == textKind && isNumber(digits) && err == nil && 0 < v && v <= maxCount {
				return v, true
			}
			if isNumber(n.text) {
				return c.wrong(k, n, fmt.Sprintf("write %s = %s", k.Name, quote(n.text+"%")))
			}
			return c.wrong(k, n, "")
		},
	}
}
