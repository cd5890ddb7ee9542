package http1

// Error is why a message is refused. Its values belong to this package and
// are never made on the way of a request.
type Error struct {
	// Status is what the client gets: 4xx or 5xx for its own request, 502
	// for an answer that is no HTTP.
	Status int
	// Reason is a sentence for the log.
	Reason string
}

func (e *Error) Error() string { return e.Reason }

// fault is what a parser has found. It becomes an [Error] at the package's
// edge, where it is known whose message it was.
type fault uint8

const (
	// legal: nothing is wrong.
	legal fault = iota
	// more: nothing is wrong so far.
	more

	badMethod
	longMethod
	badTarget
	badForm
	badVersion
	newVersion
	longLine
	badStatusLine

	longHead
	manyFields
	leadingSpace
	foldedLine
	noColon
	emptyName
	badName
	spaceBeforeColon
	badValue
	bareCR
	bareLF

	noHost
	badHost
	twoHosts
	otherHost
	twoSingletons

	badLength
	hugeLength
	twoLengths
	badCoding
	unknownCoding
	twoCodings
	codingInOld
	twoFramings
	badExpect

	badChunkSize
	badChunkEnd
	badExtension
	longExtension
	badTrailer
	longTrailer

	faults
)

// requestErrors say it of a request.
var requestErrors = [faults]Error{
	badMethod:     {400, "the method is not a token"},
	longMethod:    {501, "the method is longer than any that is known"},
	badTarget:     {400, "the request target holds an octet that no URI may hold"},
	badForm:       {400, "the request target has not the form that its method asks for"},
	badVersion:    {400, "the request line does not end in an HTTP version"},
	newVersion:    {505, "the HTTP version is not 1.0 or 1.1"},
	longLine:      {414, "the request line is too long"},
	badStatusLine: {502, "the status line is not one of HTTP/1"},

	longHead:         {431, "the head is too long"},
	manyFields:       {431, "the head has too many fields"},
	leadingSpace:     {400, "whitespace before the first field"},
	foldedLine:       {400, "a field is folded over two lines"},
	noColon:          {400, "a field line without a colon"},
	emptyName:        {400, "a field without a name"},
	badName:          {400, "a field name is not a token"},
	spaceBeforeColon: {400, "whitespace between a field name and its colon"},
	badValue:         {400, "a field value holds a control octet"},
	bareCR:           {400, "a CR without its LF"},
	bareLF:           {400, "an LF without its CR"},

	noHost:        {400, "no Host field"},
	badHost:       {400, "the Host field is not a host with an optional port"},
	twoHosts:      {400, "more than one Host field"},
	otherHost:     {400, "the Host field and the request target name different hosts"},
	twoSingletons: {400, "a field that may come once came twice"},

	badLength:     {400, "the Content-Length is not a number"},
	hugeLength:    {413, "the Content-Length is beyond all bounds"},
	twoLengths:    {400, "more than one Content-Length"},
	badCoding:     {400, "the Transfer-Encoding is not chunked"},
	unknownCoding: {501, "the Transfer-Encoding holds a coding that is not known"},
	twoCodings:    {400, "more than one Transfer-Encoding"},
	codingInOld:   {400, "a Transfer-Encoding in HTTP/1.0"},
	twoFramings:   {400, "both a Content-Length and a Transfer-Encoding"},
	badExpect:     {417, "an expectation other than 100-continue"},

	badChunkSize:  {400, "a chunk size is not a hexadecimal number"},
	badChunkEnd:   {400, "chunk data does not end in CRLF"},
	badExtension:  {400, "a chunk extension is malformed"},
	longExtension: {400, "the chunk extensions are too long"},
	badTrailer:    {400, "a trailer field is malformed or may not be a trailer"},
	longTrailer:   {431, "the trailers are too long"},
}

// responseErrors say the same of an answer.
var responseErrors = ofAnswers(requestErrors)

func ofAnswers(all [faults]Error) [faults]Error {
	for i := range all {
		// RFC 9110 section 15.6.3: "received an invalid response from an
		// inbound server".
		all[i].Status = 502
	}
	return all
}
