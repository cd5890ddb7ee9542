package route

// meaning is what a byte, or an escape that was encoded more than once, is to
// the most lenient reader that may stand behind the proxy.
type meaning uint8

const (
	meansText meaning = iota
	meansDot
	// meansSeparator is a slash or a backslash.
	meansSeparator
	// meansParameter is ";": what follows up to a separator is cut off.
	meansParameter
)

// hidesDotSegment says whether a decoded segment would be, or hold, a dot
// segment for a reader that decodes again, cuts parameters off or takes a
// backslash for a slash. A plain "." or ".." hides nothing.
func hidesDotSegment(segment []byte) bool {
	if s := string(segment); s == "." || s == ".." {
		return false
	}
	dots, text, parameter := 0, false, false
	for i := 0; i < len(segment); {
		m, n := meaningAt(segment[i:])
		i += n
		switch {
		case m == meansSeparator:
			if isDots(dots, text) {
				return true
			}
			dots, text, parameter = 0, false, false
		case parameter:
		case m == meansParameter:
			parameter = true
		case m == meansDot:
			dots++
		default:
			text = true
		}
	}
	return isDots(dots, text)
}

func isDots(dots int, text bool) bool { return !text && (dots == 1 || dots == 2) }

// meaningAt reads one byte or one escape, through any number of "%25".
func meaningAt(b []byte) (meaning, int) {
	switch b[0] {
	case '.':
		return meansDot, 1
	case '\\':
		return meansSeparator, 1
	case ';':
		return meansParameter, 1
	case '%':
	default:
		return meansText, 1
	}
	n := 1
	for n+1 < len(b) && b[n] == '2' && b[n+1] == '5' {
		n += 2
	}
	if n+1 >= len(b) {
		return meansText, 1
	}
	high, low := unhex(b[n]), unhex(b[n+1])
	if high < 0 || low < 0 {
		return meansText, 1
	}
	switch byte(high<<4 | low) {
	case '.':
		return meansDot, n + 2
	case '/', '\\':
		return meansSeparator, n + 2
	case ';':
		return meansParameter, n + 2
	}
	return meansText, n + 2
}
