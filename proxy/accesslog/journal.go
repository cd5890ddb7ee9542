package accesslog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"
)

// journalSocket is where journald takes datagrams of its native protocol:
// KEY=value lines, one entry for each datagram
// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
const journalSocket = "/run/systemd/journal/socket"

// journalPatience bounds one send. journald that does not read for so long is
// not waited for by entry after entry.
const journalPatience = time.Second

// lengthBytes is the head of an entry in a journal's buffer: datagrams have no
// end of their own.
const lengthBytes = 4

// appendDatagram is one entry for the journal, behind its length.
func appendDatagram(dst []byte, e *Entry) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, "SYSLOG_IDENTIFIER=webstack\nPRIORITY=6\nMESSAGE="...)
	dst = appendQuotable(dst, e.Client)
	dst = append(dst, ' ')
	dst = appendQuotable(dst, e.Method)
	dst = append(dst, ' ')
	dst = appendQuotable(dst, e.Target)
	dst = append(dst, ' ')
	dst = appendStatus(dst, e.Status)
	dst = append(dst, '\n')
	dst = appendFields(dst, inJournal, e)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-lengthBytes))
	return dst
}

// appendJournalKey is WEBSTACK_NAME= (systemd.journal-fields(7): upper case,
// digits and underscores).
func appendJournalKey(dst []byte, name string) []byte {
	dst = append(dst, "WEBSTACK_"...)
	for i := 0; i < len(name); i++ {
		c := name[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return append(dst, '=')
}

// journal sends datagrams. It is used by the writer alone.
type journal struct {
	path string
	conn net.Conn
}

func openJournal(path string) (*journal, error) {
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the journal: %w", withoutAddress(err))
	}
	return &journal{path: path, conn: conn}, nil
}

// send sends every datagram of a buffer. It returns how many entries were
// lost, and why the latest was.
func (j *journal) send(data []byte) (lost int, err error) {
	broken := false
	for len(data) > 0 {
		n := lengthBytes + int(binary.LittleEndian.Uint32(data))
		datagram := data[lengthBytes:n]
		data = data[n:]
		if broken {
			lost++
			continue
		}
		if problem := j.sendOne(datagram); problem != nil {
			err = problem
			lost++
			// What is too long for a datagram says nothing about the next.
			broken = !isTooLong(problem)
		}
	}
	return lost, err
}

// sendOne dials anew when journald was started anew since.
func (j *journal) sendOne(datagram []byte) error {
	err := j.write(datagram)
	if err == nil || isTooLong(err) || isTimeout(err) {
		return err
	}
	conn, dialled := net.Dial("unixgram", j.path)
	if dialled != nil {
		return withoutAddress(err)
	}
	j.conn.Close()
	j.conn = conn
	return j.write(datagram)
}

func (j *journal) write(datagram []byte) error {
	if err := j.conn.SetWriteDeadline(time.Now().Add(journalPatience)); err != nil {
		return err
	}
	_, err := j.conn.Write(datagram)
	return err
}

func (j *journal) close() { j.conn.Close() }

// withoutAddress is why an operation on a socket failed, for who has said on
// which.
func withoutAddress(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
