package control

import (
	"encoding/json"
	"net/http"
	"time"
)

const (
	// heartbeat is the longest silence in a stream of events: both sides
	// learn by it that the other is gone.
	heartbeat = 10 * time.Second
	// lineTimeout bounds the writing of a line to who does not read.
	lineTimeout = 10 * time.Second
	// eventTime is RFC 3339 with milliseconds.
	eventTime = "2006-01-02T15:04:05.000Z07:00"
)

// NewEvent is an event of that kind at that time.
func NewEvent(now time.Time, kind string) Event {
	return Event{Version: Version, Time: now.UTC().Format(eventTime), Kind: kind}
}

// events answers GET /v1/events.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	sub, err := s.backend.Subscribe()
	if err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	defer sub.End()
	out := stream{to: http.NewResponseController(w), lines: json.NewEncoder(w)}
	// The request has been read: what bounded that would end the stream.
	if err := out.to.SetReadDeadline(time.Time{}); err != nil {
		refuse(w, http.StatusInternalServerError, "cannot stream: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	if out.write(sub.Now...) != nil {
		return
	}
	beat := time.NewTicker(s.heartbeat)
	defer beat.Stop()
	for err == nil {
		select {
		case <-r.Context().Done():
			return
		case e, more := <-sub.Events:
			if !more {
				out.end(sub)
				return
			}
			err = out.write(e)
		case now := <-beat.C:
			err = out.write(NewEvent(now, EventAlive))
		}
	}
}

// stream writes lines to a client that may be slow, or gone.
type stream struct {
	to    *http.ResponseController
	lines *json.Encoder
}

func (o *stream) write(events ...Event) error {
	if err := o.to.SetWriteDeadline(time.Now().Add(lineTimeout)); err != nil {
		return err
	}
	for i := range events {
		if err := o.lines.Encode(&events[i]); err != nil {
			return err
		}
	}
	return o.to.Flush()
}

// end writes the last line, where the stream does not end with the proxy's
// own.
func (o *stream) end(sub *Subscriber) {
	if sub.Behind() {
		e := NewEvent(time.Now(), EventCut)
		e.Reason = "events were not read as fast as they came"
		_ = o.write(e) // who does not read does not read this
	}
}
