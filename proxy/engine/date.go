package engine

import "unsafe"

// timeFormat is the IMF-fixdate of RFC 9110 section 5.6.7.
const timeFormat = "Mon, 02 Jan 2006 15:04:05 GMT"

// now1123 is the moment of the turn as a Date field has it (RFC 9110 section
// 5.6.7), made once a second. It is good until the next call.
func (w *worker) now1123() string {
	wall := w.driver.Wall()
	if at := wall.Unix(); at != w.dateAt || len(w.date) == 0 {
		w.dateAt = at
		w.date = wall.UTC().AppendFormat(w.date[:0], timeFormat)
	}
	return view(w.date)
}

// view is bytes as a string, for as long as they stay what they are.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
