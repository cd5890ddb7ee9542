package loop

// Token names one registration of a descriptor: the index of its slot and the
// number that the registration was given. The zero Token names none.
type Token uint64

func makeToken(index, number uint32) Token { return Token(index)<<32 | Token(number) }

func (t Token) index() uint32  { return uint32(t >> 32) }
func (t Token) number() uint32 { return uint32(t) }

// slot is what an idle descriptor costs here: 24 bytes.
type slot struct {
	handler Handler
	// number is the registration's; 0 in a free slot.
	number uint32
	// next is the free slot behind this one in its page, plus one.
	next uint32
}

// pageSlots is how many slots are allocated, and given back, at once: 6 KB.
const pageSlots = 256

// page is a stretch of slots with a list of the free ones.
type page struct {
	slots [pageSlots]slot
	used  int
	free  uint32 // the first free slot, plus one
}

// registry finds the handler of a token. New registrations take the lowest
// page with room, so that the last pages empty out after a peak and can go.
type registry struct {
	pages []*page
	// room is at most the index of the first page with a free slot.
	room int
	// last is the number of the last registration. One number is for the
	// whole registry, not for each slot: a page that was given back and
	// allocated again must not repeat its numbers. After 2^32 registrations
	// they do repeat, which would need an event as old as that to matter.
	last uint32
}

func (r *registry) add(h Handler) Token {
	for r.room < len(r.pages) && r.pages[r.room].free == 0 {
		r.room++
	}
	if r.room == len(r.pages) {
		r.pages = append(r.pages, newPage())
	}
	p := r.pages[r.room]
	at := p.free - 1
	s := &p.slots[at]
	p.free, p.used = s.next, p.used+1
	if r.last++; r.last == 0 {
		r.last = 1
	}
	*s = slot{handler: h, number: r.last}
	return makeToken(uint32(r.room)*pageSlots+at, r.last)
}

// find gives nil for a token whose registration has ended.
func (r *registry) find(t Token) Handler {
	if s := r.slot(t); s != nil {
		return s.handler
	}
	return nil
}

func (r *registry) slot(t Token) *slot {
	at := t.index()
	if int(at/pageSlots) >= len(r.pages) {
		return nil
	}
	s := &r.pages[at/pageSlots].slots[at%pageSlots]
	if s.number != t.number() || s.number == 0 {
		return nil
	}
	return s
}

// remove does nothing for a token whose registration has ended.
func (r *registry) remove(t Token) {
	s := r.slot(t)
	if s == nil {
		return
	}
	n := int(t.index() / pageSlots)
	p := r.pages[n]
	*s = slot{next: p.free}
	p.free, p.used = t.index()%pageSlots+1, p.used-1
	r.room = min(r.room, n)
	r.trim()
}

// trim gives back the last page when the one before it is empty, too: one
// empty page stays, so that coming and going at its edge allocates nothing.
func (r *registry) trim() {
	for n := len(r.pages); n > 1 && r.pages[n-1].used == 0 && r.pages[n-2].used == 0; n-- {
		r.pages[n-1] = nil
		r.pages = r.pages[:n-1]
	}
}

func newPage() *page {
	p := &page{free: 1}
	for i := range pageSlots - 1 {
		p.slots[i].next = uint32(i) + 2
	}
	return p
}
