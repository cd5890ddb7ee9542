package header

// Field is one header field. The strings may alias a buffer that lives as
// long as the exchange: nothing here keeps them.
type Field struct{ Name, Value string }
