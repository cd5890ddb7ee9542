package lossless

import (
	"bufio"
	"fmt"
	"io"
	"net"
)

// socketKey is any nonce: RFC 6455, section 4.1.
const socketKey = "dGhlIHNhbXBsZSBub25jZQ=="

const (
	// finalText begins a whole text message, finalClose a goodbye: RFC 6455,
	// section 5.2.
	finalText  = 0x81
	finalClose = 0x88
	// masked is set in what a client sends.
	masked = 0x80
	// shortest is how long a message is whose length fits the second octet.
	shortest = 125
)

// sendText sends one short text. A mask of noughts is one too.
func sendText(conn net.Conn, text string) error {
	if len(text) > shortest {
		return fmt.Errorf("cannot send %d octets in a short frame", len(text))
	}
	frame := []byte{finalText, masked | byte(len(text)), 0, 0, 0, 0}
	_, err := conn.Write(append(frame, text...))
	return err
}

// receiveText reads one short text. A goodbye is an end.
func receiveText(in *bufio.Reader) (string, error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return "", err
	}
	if head[0] == finalClose {
		return "", io.EOF
	}
	if head[0] != finalText || head[1] > shortest {
		return "", fmt.Errorf("a frame that begins with %#x %#x, not one short text", head[0], head[1])
	}
	text := make([]byte, head[1])
	_, err := io.ReadFull(in, text)
	return string(text), err
}
