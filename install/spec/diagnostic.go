package spec

// Diagnostic is one thing that is wrong with the spec, said for the operator.
type Diagnostic struct {
	Position Position
	// Message is a sentence without a final period, lower case:
	// `upstream "shpo" is not an app`.
	Message string
	// Hint is the remedy, or "".
	Hint string
	// Excerpt is the line of the text that Position names.
	Excerpt string
}

// File is one file of the spec, in the order in which they are merged.
type File struct {
	// Name is shown in positions ("webstack.toml", "conf.d/shop.toml").
	Name string
	Data []byte
	// Override says that the file may replace keys (override.d).
	Override bool
}
