package http1

// extension reads chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS
// chunk-ext-val ] ). RFC 9112 section 7.1.1: "A recipient MUST ignore
// unrecognized chunk extensions", and should bound them (F7). Each is held to
// the grammar all the same, since a lenient reader and a strict one would find
// the line's end in different places.
func (c *ChunkReader) extension(b byte) fault {
	if c.line++; c.line > maxSizeDigits+maxExtension {
		return longExtension
	}
	space := b == ' ' || b == '\t'
	token := class[b]&tokenByte != 0
	switch c.state {
	case inExtStart:
		if space {
			return legal
		}
		c.state = inExtName
		return need(token)
	case inExtValueStart:
		switch {
		case space:
		case b == '"':
			c.state = inExtQuoted
		default:
			c.state = inExtValue
			return need(token)
		}
		return legal
	case inExtName, inExtValue:
		if token {
			return legal
		}
	case inExtQuoted:
		switch {
		case b == '"':
			c.state = inExtClosed
		case b == '\\':
			c.state = inExtEscaped
		default:
			return need(class[b]&textByte != 0)
		}
		return legal
	case inExtEscaped:
		c.state = inExtQuoted
		return need(class[b]&textByte != 0)
	}
	return c.extensionEnd(b, space)
}

// extensionEnd takes an octet behind a size, a name or a value.
func (c *ChunkReader) extensionEnd(b byte, space bool) fault {
	named := c.state == inExtName || c.state == inNameSpace
	switch {
	case b == ';':
		c.state = inExtStart
	case b == '=' && named:
		c.state = inExtValueStart
	case space && named:
		c.state = inNameSpace
	case space:
		c.state = inExtSpace
	case b == '\r' && c.state != inExtSpace && c.state != inNameSpace:
		// Whitespace belongs to the extension that follows it: at the line's
		// end the grammar has none.
		c.state = inSizeLF
	default:
		return badExtension
	}
	return legal
}

func need(ok bool) fault {
	if !ok {
		return badExtension
	}
	return legal
}
