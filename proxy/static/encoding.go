package static

import "strings"

// Encoding is the content coding of a file: its own content, or a compressed
// form that stands beside it. Of two that a client likes equally, the later
// one is served: it is smaller.
type Encoding uint8

const (
	// Identity is the file as it is.
	Identity Encoding = iota
	// Gzip is RFC 1952's.
	Gzip
	// Brotli is RFC 7932's.
	Brotli
	// Zstd is RFC 8878's.
	Zstd
	// AllEncodings is how many there are.
	AllEncodings
)

// Token is the coding's name in Content-Encoding; "" for Identity.
func (e Encoding) Token() string { return [AllEncodings]string{"", "gzip", "br", "zstd"}[e] }

// Suffix is what is behind a file's name in that of its compressed form.
func (e Encoding) Suffix() string { return [AllEncodings]string{"", ".gz", ".br", ".zst"}[e] }

// Encodings is a set of them. Identity is in every one.
type Encodings uint8

// With adds one.
func (s Encodings) With(e Encoding) Encodings { return s | 1<<e }

// Has says whether one is in it.
func (s Encodings) Has(e Encoding) bool { return e == Identity || s&(1<<e) != 0 }

// Select chooses among the forms that there are by an Accept-Encoding field
// (RFC 9110 section 12.5.3). Without the field and with a malformed one the
// file is served as it is: nothing says that the client can read any other.
// So it is where the client forbids all that there are, its own form included.
func Select(field string, have Encodings) Encoding {
	if field == "" || have == 0 {
		return Identity
	}
	w, ok := parseAcceptEncoding(field)
	if !ok {
		return Identity
	}
	best, most := Identity, w.of(Identity)
	for e := Gzip; e < AllEncodings; e++ {
		if weight := w.of(e); have.Has(e) && weight > 0 && weight >= most {
			best, most = e, weight
		}
	}
	return best
}

// weights are the quality values of a field in thousandths, plus one; 0 for
// what is not listed.
type weights struct {
	listed [AllEncodings]int
	star   int
}

// of is the weight of a coding in thousandths. "*" stands for each that is not
// listed. Without it a compressed form that is not listed is refused; the file
// as it is stays acceptable, though less than anything that was asked for.
func (w *weights) of(e Encoding) int {
	if w.listed[e] > 0 {
		return w.listed[e] - 1
	}
	return max(w.star-1, 0)
}

// parseAcceptEncoding is strict: what is not of the grammar is not guessed at.
// A coding that is listed twice has its first weight.
func parseAcceptEncoding(field string) (w weights, ok bool) {
	for rest, more := field, true; more; {
		var element string
		element, rest, more = strings.Cut(rest, ",")
		element = trim(element)
		if element == "" {
			continue // RFC 9110 section 5.6.1.2: empty elements are ignored
		}
		coding, parameter, weighted := strings.Cut(element, ";")
		weight := maxWeight
		if weighted {
			coding = trim(coding)
			if weight, ok = parseWeight(trim(parameter)); !ok {
				return w, false
			}
		}
		if !isToken(coding) {
			return w, false
		}
		if place := w.place(coding); place != nil && *place == 0 {
			*place = weight + 1
		}
	}
	return w, true
}

// trim takes the white space off both ends (OWS, RFC 9110 section 5.6.3).
func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// place is where a coding's weight goes; nil for one that is never served.
func (w *weights) place(coding string) *int {
	var name string
	var place *int
	switch len(coding) {
	case 1:
		name, place = "*", &w.star
	case 2:
		name, place = "br", &w.listed[Brotli]
	case 4:
		name, place = "gzip", &w.listed[Gzip]
		if coding[0]|0x20 == 'z' {
			name, place = "zstd", &w.listed[Zstd]
		}
	case 6:
		// RFC 9110 section 8.4.1.3: x-gzip is equivalent to gzip.
		name, place = "x-gzip", &w.listed[Gzip]
	case 8:
		name, place = "identity", &w.listed[Identity]
	}
	if place != nil && strings.EqualFold(coding, name) {
		return place
	}
	return nil
}

// maxWeight is a quality value of 1.
const maxWeight = 1000

// parseWeight reads "q=" qvalue (RFC 9110 section 12.4.2): 0 or 1 with at most
// three digits behind the point, and no more than 1.
func parseWeight(s string) (weight int, ok bool) {
	if len(s) < 3 || s[0]|0x20 != 'q' || s[1] != '=' || s[2] < '0' || s[2] > '1' {
		return 0, false
	}
	weight = int(s[2]-'0') * maxWeight
	digits := s[3:]
	if digits == "" {
		return weight, true
	}
	if digits[0] != '.' || len(digits) > 4 {
		return 0, false
	}
	unit := maxWeight / 10
	for i := 1; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		weight += int(digits[i]-'0') * unit
		unit /= 10
	}
	return weight, weight <= maxWeight
}

// isToken says whether s is a token (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
