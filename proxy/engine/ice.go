package engine

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// ice is a connection's state as bytes. One list of fields (freeze.go) writes
// and reads it, so that the two cannot come to differ: in one direction it
// takes each value, in the other it gives it back.
//
// Numbers are signed varints, texts are their length and their bytes. Moments
// are ages: the clock of another process begins elsewhere.
type ice struct {
	data    []byte
	thawing bool
	// broken: the bytes are not what a freeze has written.
	broken  bool
	now     loop.Instant
	buffers *buffers
}

// seal ends what was written with a sum of it.
func (i *ice) seal() []byte {
	return binary.LittleEndian.AppendUint32(i.data, crc32.ChecksumIEEE(i.data))
}

// open says whether the bytes are whole. What they say is believed then: who
// wrote them was the same program.
func (i *ice) open() bool {
	n := len(i.data) - crc32.Size
	if n < 0 || crc32.ChecksumIEEE(i.data[:n]) != binary.LittleEndian.Uint32(i.data[n:]) {
		return false
	}
	i.data = i.data[:n]
	return true
}

func (i *ice) number(v int64) int64 {
	if !i.thawing {
		i.data = binary.AppendVarint(i.data, v)
		return v
	}
	v, n := binary.Varint(i.data)
	if n <= 0 {
		i.broken, i.data = true, nil
		return 0
	}
	i.data = i.data[n:]
	return v
}

// num is any number.
func num[T ~int | ~int64 | ~uint8 | ~uint16 | ~uintptr](i *ice, v *T) { *v = T(i.number(int64(*v))) }

func (i *ice) flags(list ...*bool) {
	for _, v := range list {
		n := int64(0)
		if *v {
			n = 1
		}
		*v = i.number(n) == 1
	}
}

// piece is some bytes; while thawing they are a view.
func (i *ice) piece(p []byte) []byte {
	n := i.number(int64(len(p)))
	if !i.thawing {
		i.data = append(i.data, p...)
		return p
	}
	if n < 0 || n > int64(len(i.data)) {
		i.broken, i.data = true, nil
		return nil
	}
	p, i.data = i.data[:n], i.data[n:]
	return p
}

func (i *ice) texts(list ...*string) {
	for _, v := range list {
		*v = string(i.piece([]byte(*v)))
	}
}

// buffer is bytes that have a buffer of the loop's; nil stays nil.
func (i *ice) buffer(buf *[]byte) {
	there := *buf != nil
	i.flags(&there)
	if !there {
		return
	}
	if p := i.piece(*buf); i.thawing {
		*buf = append(i.buffers.get(len(p)), p...)
	}
}

func (i *ice) pending(p *pending) {
	if rest := i.piece(p.bytes()); i.thawing {
		p.keep(i.buffers, rest)
	}
}

// moments are as long ago as they were; 0 is not yet.
func (i *ice) moments(list ...*loop.Instant) {
	for _, v := range list {
		age := int64(0)
		if *v != 0 {
			age = int64(i.now-*v) + 1
		}
		if age = i.number(age); i.thawing && age != 0 {
			*v = i.now - loop.Instant(age-1)
		}
	}
}

func (i *ice) pace(p *pace) {
	i.moments(&p.from)
	num(i, &p.done)
	i.flags(&p.excused)
}

func (i *ice) body(b *http1.Body) {
	num(i, &b.Kind)
	num(i, &b.Length)
}

func (i *ice) cycle(c *http1.Cycle) {
	num(i, &c.State)
	i.flags(&c.Close, &c.Upgrade)
}

func (i *ice) chunks(c *http1.ChunkReader) {
	s := c.State()
	for n := range s {
		num(i, &s[n])
	}
	if i.thawing && !c.Resume(s) {
		i.broken = true
	}
}
