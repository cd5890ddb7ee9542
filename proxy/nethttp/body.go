package nethttp

import (
	"bufio"
	"fmt"
	"io"
	"net/http/httputil"
)

// answerBody is the body of an instance's answer, decoded.
type answerBody struct {
	br *bufio.Reader
	io.Reader
	// left is how many bytes are to come, -1 where only the end tells.
	left int64
	// whole says that the end has come and that the connection stands right
	// behind it.
	whole   bool
	chunked bool
}

// newAnswerBody reads the body that follows h.
func newAnswerBody(br *bufio.Reader, h *answerHead, method string) *answerBody {
	switch {
	case h.bodiless(method):
		return &answerBody{br: br, whole: true}
	case h.chunked:
		return &answerBody{br: br, Reader: httputil.NewChunkedReader(br), left: -1, chunked: true}
	case h.length >= 0:
		return &answerBody{br: br, Reader: br, left: h.length, whole: h.length == 0}
	}
	return &answerBody{br: br, Reader: br, left: -1}
}

// Read reads the decoded body. io.EOF is its proper end; one that was
// announced longer is io.ErrUnexpectedEOF.
func (b *answerBody) Read(p []byte) (int, error) {
	if b.whole {
		return 0, io.EOF
	}
	if b.left > 0 && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.Reader.Read(p)
	if b.left > 0 {
		b.left -= int64(n)
		b.whole = b.left == 0
		if err == io.EOF && !b.whole {
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
	if err == io.EOF {
		if b.chunked {
			if err := dropTrailer(b.br); err != nil {
				return n, err
			}
		}
		b.whole = true
	}
	return n, err
}

// dropTrailer reads the trailer section that ends a chunked body.
func dropTrailer(br *bufio.Reader) error {
	left := maxAnswerHead
	for {
		line, err := readLine(br, &left)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("in the trailer: %w", err)
		}
		if line == "" {
			return nil
		}
	}
}
