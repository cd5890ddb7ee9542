package integration

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/webstack/webstack/integration/machine"
)

// wsTimeout bounds a whole conversation.
const wsTimeout = 30 * time.Second

// wsKey is any nonce; the accept value proves that the server has read it.
const wsKey = "dGhlIHNhbXBsZSBub25jZQ=="

// ws opens a WebSocket in a machine, sends each message and prints the answer
// to it: just as much of RFC 6455 as that takes.
func (s *script) ws(args []string) (printed, error) {
	name, args := named(args)
	if len(args) < 2 {
		return printed{}, misused("usage: ws [@NAME] URL MESSAGE...")
	}
	target, err := url.Parse(args[0])
	if err != nil {
		return printed{}, misused("ws: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), wsTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return printed{}, err
	}
	conn, err := m.Dial(ctx, "tcp", target.Host)
	if err != nil {
		return printed{stderr: err.Error() + "\n"}, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(wsTimeout))
	reader := bufio.NewReader(conn)
	if err := upgrade(conn, reader, target); err != nil {
		return printed{}, err
	}
	var out strings.Builder
	for _, message := range args[1:] {
		if err := sendText(conn, message); err != nil {
			return printed{stdout: out.String()}, err
		}
		reply, err := receiveText(reader)
		if err != nil {
			return printed{stdout: out.String()}, err
		}
		out.WriteString(reply + "\n")
	}
	return printed{stdout: out.String()}, nil
}

// upgrade makes the opening handshake: RFC 6455, section 4.1.
func upgrade(conn net.Conn, reader *bufio.Reader, target *url.URL) error {
	_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", target.RequestURI(), target.Host, wsKey)
	if err != nil {
		return err
	}
	head, err := http.ReadResponse(reader, nil)
	if err != nil {
		return err
	}
	sum := sha1.Sum([]byte(wsKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	want := base64.StdEncoding.EncodeToString(sum[:])
	if got := head.Header.Get("Sec-WebSocket-Accept"); head.StatusCode != http.StatusSwitchingProtocols || got != want {
		return fmt.Errorf("no upgrade: got status %d and accept %q, want 101 and %q", head.StatusCode, got, want)
	}
	return nil
}

// sendText sends one masked text frame: RFC 6455, section 5.2. A mask of zeros
// is one too.
func sendText(conn net.Conn, text string) error {
	frame := []byte{0x81}
	if len(text) < 126 {
		frame = append(frame, 0x80|byte(len(text)))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(text)))
	}
	frame = append(frame, 0, 0, 0, 0)
	_, err := conn.Write(append(frame, text...))
	return err
}

// receiveText reads one whole, unmasked text frame.
func receiveText(reader *bufio.Reader) (string, error) {
	var head [2]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return "", err
	}
	if head[0] != 0x81 {
		return "", fmt.Errorf("a frame that begins with %#x, not one whole text", head[0])
	}
	size := int(head[1])
	if size == 126 {
		var long [2]byte
		if _, err := io.ReadFull(reader, long[:]); err != nil {
			return "", err
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	}
	if size > 1<<16 {
		return "", errors.New("a frame larger than the test sends")
	}
	text := make([]byte, size)
	_, err := io.ReadFull(reader, text)
	return string(text), err
}
