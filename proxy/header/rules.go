package header

import (
	"errors"
	"fmt"
	"strings"

	"github.com/webstack/webstack/proxy/route"
)

// Rules are a route's request_headers or response_headers, compiled. A nil
// *Rules changes nothing. It is immutable.
type Rules struct{ rules []rule }

type rule struct {
	name string
	// lower is the name as it is compared, underscores as dashes.
	lower string
	class Class
	// value is nil where the field is removed; text is it, where it has no
	// placeholder.
	value *route.Template
	text  string
}

// CompileRules checks names and values and compiles the placeholders. A field
// with an empty value is removed. Framing and connection fields are refused:
// the proxy writes these from what it knows. All that is wrong is joined in
// the error.
func CompileRules(fields []Field) (*Rules, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	rs := &Rules{}
	var problems []error
	for _, f := range fields {
		r, err := compileRule(f)
		if err == nil && rs.find(r.name) != nil {
			err = fmt.Errorf("header %q is there twice", f.Name)
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		rs.rules = append(rs.rules, r)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return rs, nil
}

func compileRule(f Field) (rule, error) {
	if !isToken(f.Name) {
		return rule{}, fmt.Errorf("header name %q is not a token", f.Name)
	}
	class, _ := Classify(f.Name)
	if class == Connection || class == HopByHop || class == Framing {
		return rule{}, fmt.Errorf("header %q belongs to the connection and cannot be set", f.Name)
	}
	r := rule{name: f.Name, lower: strings.ReplaceAll(strings.ToLower(f.Name), "_", "-"), class: class}
	if f.Value == "" {
		if class == Host {
			return rule{}, errors.New(`header "Host" cannot be removed, every request has one`)
		}
		return r, nil
	}
	if strings.Trim(f.Value, " \t") != f.Value {
		return rule{}, fmt.Errorf("header %q: the value %q begins or ends with white space", f.Name, f.Value)
	}
	use := route.ForHeader
	if r.lower == "location" {
		use = route.ForLocation
	}
	value, err := route.CompileTemplate(f.Value, use)
	if err != nil {
		return rule{}, fmt.Errorf("header %q: %w", f.Name, err)
	}
	r.value = value
	r.text, _ = value.Constant()
	return r, nil
}

// find gives the rule for a name, also for one that an application would read
// as the rule's: nobody but the operator sets these.
func (rs *Rules) find(name string) *rule {
	if rs == nil {
		return nil
	}
	for i := range rs.rules {
		if same, _ := equal(name, rs.rules[i].lower); same {
			return &rs.rules[i]
		}
	}
	return nil
}

// has says whether a rule sets or removes what a class stands for.
func (rs *Rules) has(class Class) bool {
	if rs == nil {
		return false
	}
	for i := range rs.rules {
		if rs.rules[i].class == class {
			return true
		}
	}
	return false
}

// appendSet appends what the rules set, but for the class except.
func (rs *Rules) appendSet(dst []Field, v *route.Vars, except Class) []Field {
	if rs == nil {
		return dst
	}
	for i := range rs.rules {
		r := &rs.rules[i]
		if r.value == nil || r.class == except && except != EndToEnd {
			continue
		}
		dst = append(dst, Field{r.name, r.expand(v)})
	}
	return dst
}

func (r *rule) expand(v *route.Vars) string {
	if r.text != "" {
		return r.text
	}
	return string(r.value.Append(nil, v))
}

// Append appends in to dst as the rules change it: for answers that the proxy
// makes itself (files, redirects, fixed bodies). A field that a rule sets or
// removes is taken out wherever it stands; what is set comes last.
func (rs *Rules) Append(dst, in []Field, v *route.Vars) []Field {
	if rs == nil {
		return append(dst, in...)
	}
	for _, f := range in {
		if rs.find(f.Name) == nil {
			dst = append(dst, f)
		}
	}
	return rs.appendSet(dst, v, EndToEnd)
}
