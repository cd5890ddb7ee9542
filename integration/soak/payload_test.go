package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAPayloadIsComparedToTheLastOctet(t *testing.T) {
	const seed, n = 7, 100_000
	whole, err := io.ReadAll(payload(seed, n))
	if err != nil || len(whole) != n {
		t.Fatalf("got %d octets, %v, want %d", len(whole), err, n)
	}
	flipped := bytes.Clone(whole)
	flipped[n-1] ^= 1
	tests := []struct {
		name string
		in   []byte
		want string // of the error; "" for none
	}{
		{"the same", whole, ""},
		{"one octet flipped", flipped, "octet 99999"},
		{"one too many", append(bytes.Clone(whole), 0), "longer than the 100000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := io.Copy(&comparing{want: payload(seed, n)}, bytes.NewReader(test.in))
			var bad *wrong
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestOtherSeedsAreOtherPayloads(t *testing.T) {
	if checksum(1, 1000) == checksum(2, 1000) || checksum(1, 1000) == checksum(1, 999) {
		t.Error("got one checksum for two payloads")
	}
}

func TestAFrameComesBackAsItWas(t *testing.T) {
	for _, length := range []int{0, 1, 125, 126, 127, 65535, 65536, 100_000} {
		for _, mask := range []uint32{0, 1, 0xdeadbeef} {
			message, err := io.ReadAll(payload(3, int64(length)))
			if err != nil {
				t.Fatal(err)
			}
			var wire bytes.Buffer
			if err := writeFrame(&wire, opBinary, mask, message); err != nil {
				t.Fatal(err)
			}
			op, got, err := readFrame(&wire)
			if err != nil || op != opBinary || !bytes.Equal(got, message) || wire.Len() != 0 {
				t.Errorf("%d octets, mask %#x: got %d octets, opcode %#x, %d left, %v", length, mask, len(got), op, wire.Len(), err)
			}
		}
	}
}

// The example of RFC 6455, section 1.3.
func TestTheHandshakesKeyIsAnswered(t *testing.T) {
	if got, want := acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
