package engine

// clientList is a list of connections, the first the longest in it.
type clientList struct {
	first, last *client
	n           int
}

func (l *clientList) add(c *client) {
	c.list, c.prev, c.next = l, l.last, nil
	if l.last != nil {
		l.last.next = c
	} else {
		l.first = c
	}
	l.last = c
	l.n++
}

func (l *clientList) remove(c *client) {
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		l.first = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		l.last = c.prev
	}
	c.list, c.prev, c.next = nil, nil, nil
	l.n--
}

// move takes a connection from its list to this one.
func (l *clientList) move(c *client) {
	if c.list != l {
		c.list.remove(c)
		l.add(c)
	}
}
