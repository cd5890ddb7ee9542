package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// newLog is the proxy's log: in the journal with its fields where stderr goes
// there, as text elsewhere.
func newLog(stderr io.Writer) *slog.Logger {
	if ok, err := journal.StderrIsJournalStream(); err == nil && ok {
		return slog.New(journalHandler{})
	}
	return slog.New(slog.NewTextHandler(stderr, nil))
}

// journalHandler sends each record as a journal entry, so that
// `journalctl WEBSTACK_INSTANCE=app@8021` finds what happened to one instance.
type journalHandler struct{ attrs []slog.Attr }

// Enabled keeps debug records out.
func (h journalHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

// Handle sends one entry: its message for people has all attributes in it.
func (h journalHandler) Handle(_ context.Context, r slog.Record) error {
	text := strings.Builder{}
	text.WriteString(r.Message)
	fields := map[string]string{"SYSLOG_IDENTIFIER": "webstack"}
	add := func(a slog.Attr) bool {
		value := a.Value.Resolve().String()
		fmt.Fprintf(&text, " %s=%s", a.Key, quoteIfSpaced(value))
		fields[fieldName(a.Key)] = value
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	return journal.Send(text.String(), priority(r.Level), fields)
}

// WithAttrs adds attributes to every record.
func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return journalHandler{attrs: append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

// WithGroup is not used here: fields of the journal have no groups.
func (h journalHandler) WithGroup(string) slog.Handler { return h }

func priority(l slog.Level) journal.Priority {
	switch {
	case l >= slog.LevelError:
		return journal.PriErr
	case l >= slog.LevelWarn:
		return journal.PriWarning
	}
	return journal.PriInfo
}

// fieldName makes a journal field's name (systemd.journal-fields(7)): upper
// case letters, digits and underscores, with our prefix.
func fieldName(key string) string {
	return "WEBSTACK_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, key)
}

// quoteIfSpaced keeps a value one word, without a byte that a terminal would
// obey: some values are a client's.
func quoteIfSpaced(s string) string {
	quoted := strconv.Quote(s)
	if s == "" || strings.ContainsAny(s, " =") || quoted[1:len(quoted)-1] != s {
		return quoted
	}
	return s
}
