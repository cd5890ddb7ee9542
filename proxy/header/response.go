package header

import "github.com/webstack/webstack/proxy/route"

// Relay is what the proxy adds to an answer of the application.
type Relay struct {
	// Date is added where the application sent none (RFC 9110 section 6.6.1).
	Date string
	// Upgrade is the token of a 101 that the caller has checked; "" otherwise.
	Upgrade string
	Vars    *route.Vars
}

// AppendResponse appends to dst the fields that the client gets for an answer
// with the fields in.
//
//   - Connection fields and what Connection nominates end here, and so does
//     X-Accel-*, which is for proxies.
//   - Server, Location, Refresh, every Set-Cookie and the rest pass untouched
//     and in order; Date passes or is added.
//   - A field that a rule sets or removes is the rule's alone.
//   - Framing is not among them: the caller writes its own.
func AppendResponse(dst, in []Field, rules *Rules, r *Relay) []Field {
	nominated := nominatedBy(in)
	dated := rules.has(Date)
	for _, field := range in {
		class, alias := Classify(field.Name)
		if !returns(class) && !alias || nominated.has(field.Name) || rules.find(field.Name) != nil {
			continue
		}
		if class == Date && !alias {
			if dated {
				continue // a second Date, which is a singleton
			}
			dated = true
		}
		dst = append(dst, field)
	}
	if !dated && r.Date != "" {
		dst = append(dst, Field{"Date", r.Date})
	}
	if r.Upgrade != "" {
		dst = append(dst, Field{"Connection", "Upgrade"}, Field{"Upgrade", r.Upgrade})
	}
	return rules.appendSet(dst, r.Vars, EndToEnd)
}

// returns says whether an application's field of a class goes to the client.
// Names with underscores mean nothing to one, so aliases pass as any other.
func returns(class Class) bool {
	switch class {
	case Connection, HopByHop, Framing, Internal:
		return false
	default:
		return true
	}
}
