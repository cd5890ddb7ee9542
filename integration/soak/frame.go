package main

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
)

// A small part of RFC 6455: whole binary messages, unfragmented.

// acceptKey answers a handshake's key: RFC 6455, section 4.2.2.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Opcodes of RFC 6455, section 5.2, with the bit that says that the message
// ends here.
const (
	opBinary = 0x82
	opClose  = 0x88
)

// maxMessage bounds what is read.
const maxMessage = 1 << 20

// writeFrame masks with the key, unless it is zero: a client must, a server
// must not (section 5.1).
func writeFrame(w io.Writer, op byte, mask uint32, message []byte) error {
	frame := []byte{op}
	var bit byte
	if mask != 0 {
		bit = 0x80
	}
	switch n := len(message); {
	case n < 126:
		frame = append(frame, bit|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, bit|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, bit|127), uint64(n))
	}
	if mask != 0 {
		frame = binary.BigEndian.AppendUint32(frame, mask)
	}
	begin := len(frame)
	frame = append(frame, message...)
	if mask != 0 {
		unmask(frame[begin:], mask)
	}
	_, err := w.Write(frame)
	return err
}

func readFrame(r io.Reader) (op byte, message []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	var more [8]byte
	switch length {
	case 126:
		if _, err := io.ReadFull(r, more[:2]); err != nil {
			return 0, nil, err
		}
		length = uint64(binary.BigEndian.Uint16(more[:2]))
	case 127:
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(more[:])
	}
	if length > maxMessage {
		return 0, nil, &wrong{fmt.Sprintf("a message of %d octets", length)}
	}
	var mask uint32
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, more[:4]); err != nil {
			return 0, nil, err
		}
		mask = binary.BigEndian.Uint32(more[:4])
	}
	message = make([]byte, length)
	if _, err := io.ReadFull(r, message); err != nil {
		return 0, nil, err
	}
	unmask(message, mask)
	return head[0], message, nil
}

func unmask(message []byte, mask uint32) {
	for i := range message {
		message[i] ^= byte(mask >> (24 - 8*(i%4)))
	}
}
