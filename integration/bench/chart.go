package main

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// charted are the cases of the chart, in its order.
var charted = []string{"small64", "10k", "100k", "close"}

// Lengths in the chart, in its own units.
const (
	chartWidth = 760
	nameWidth  = 130 // of the names, left of the bars
	valueWidth = 60  // of the values, right of them
	barHeight  = 14
	barPitch   = 20
	groupHead  = 30
	groupGap   = 14
	footHeight = 16
	margin     = 16
)

// chart draws the costs as bars, one group for each case. It has no background
// of its own and follows the reader's colour scheme.
func chart(r *result) string {
	var groups []*costResult
	for _, name := range charted {
		if c := r.cost(name); c != nil {
			groups = append(groups, c)
		}
	}
	var most float64
	height := 2*margin + groupHead + footHeight
	for _, g := range groups {
		for _, c := range g.Of {
			most = max(most, slices.Max(c.Micros))
		}
		height += groupHead + len(g.Of)*barPitch + groupGap
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>CPU microseconds for one request, by proxy</title>
<style>
text { fill: #1f2328 } .quiet { fill: #59636e } .bar { fill: #a8b3bf } .own { fill: #0969da } .range { stroke: #1f2328; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .quiet { fill: #9198a1 } .bar { fill: #59636e } .own { fill: #4493f8 } .range { stroke: #f0f6fc }
}
</style>
`, chartWidth, height)
	y := margin + barHeight
	text(&b, margin, y, `font-weight="600"`, "CPU microseconds for one request: less is better")
	y += groupHead - barHeight
	scale := float64(chartWidth-2*margin-nameWidth-valueWidth) / most
	for _, g := range groups {
		y += groupHead - barHeight
		text(&b, margin, y, `class="quiet"`, g.Title)
		y += barHeight
		for _, c := range g.Of {
			y = drawBar(&b, y, r.title(c.Contender), c, scale)
		}
		y += groupGap
	}
	text(&b, margin, height-margin, `class="quiet" font-size="11"`, fmt.Sprintf("%s, Linux %s, %s; the median and the range of %d rounds",
		r.Machine.CPU, r.Machine.Kernel, day(r.Date), r.Rounds))
	b.WriteString("</svg>\n")
	return b.String()
}

// drawBar is one line: name, bar, range of the rounds, value.
func drawBar(b *strings.Builder, y int, title string, c cost, scale float64) int {
	class := "bar"
	weight := ""
	if c.Contender == webstack {
		class, weight = "own", `font-weight="600"`
	}
	value := median(c.Micros)
	left := float64(margin + nameWidth)
	baseline := y + barHeight - 3
	text(b, margin, baseline, weight, title)
	fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d" rx="2"/>`+"\n", class, left, y, value*scale, barHeight)
	least, most := slices.Min(c.Micros), slices.Max(c.Micros)
	fmt.Fprintf(b, `<line class="range" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`+"\n", left+least*scale, left+most*scale, y+barHeight/2, y+barHeight/2)
	text(b, int(left+most*scale)+6, baseline, weight, fmt.Sprintf("%.1f", value))
	return y + barPitch
}

func text(b *strings.Builder, x, y int, attributes, s string) {
	fmt.Fprintf(b, `<text x="%d" y="%d" %s>`, x, y, attributes)
	_ = xml.EscapeText(b, []byte(s)) // a strings.Builder takes everything
	b.WriteString("</text>\n")
}

// day is the date of a time in RFC 3339.
func day(date string) string {
	d, _, _ := strings.Cut(date, "T")
	return d
}
