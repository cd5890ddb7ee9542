package engine

import "github.com/webstack/webstack/proxy/http1"

// download is an answer's body on its way to the client.
type download struct {
	body   http1.Body
	left   int64 // of a sized body, what has not come
	chunks http1.ChunkReader
	// chunked: the client gets it in chunks.
	chunked bool
	// begun: the final answer's head was given to the client's stream.
	begun bool
	// done: the whole body has come.
	done bool
	// rest is what the client's stream has not taken yet.
	rest pending
	pace pace
	// sent is how much of the body the client was given.
	sent int64
}

func (d *download) drop(w *worker) { d.rest.drop(&w.buffers) }

// decode takes a piece of the body out of what came. extra is what came behind
// its end.
func (d *download) decode(in []byte) (data, extra []byte, refused *http1.Error) {
	switch d.body.Kind {
	case http1.NoBody:
		d.done = true
		return nil, in, nil
	case http1.Sized:
		n := int(min(int64(len(in)), d.left))
		d.left -= int64(n)
		d.done = d.left == 0
		return in[:n], in[n:], nil
	case http1.Chunked:
		data, used, done, refused := d.chunks.Next(in)
		d.done = done
		return data, in[used:], refused
	}
	return in, nil, nil
}
