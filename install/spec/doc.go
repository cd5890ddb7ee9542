// Package spec reads what the operator writes: it parses the files of a spec,
// merges them, holds them to one table of keys, and returns the model with
// every default and inheritance in it, or everything that is wrong, each with
// its place in the text and its remedy.
//
// Its nouns: a [File] is one text; a [Key] is one row of the table that drives
// parsing, "did you mean", inheritance, the JSON schema ([JSONSchema]) and the
// reference ([Reference]); a [Diagnostic] is one mistake; [Spec] is the model;
// [Provenance] says where an effective value is from.
//
// It promises that all mistakes are found in one run: a syntax error costs at
// most the rest of its own file, and mostly its own line. What only follows
// from another mistake is not reported. Equal files give equal answers: it
// reads no clock, no file and no environment.
//
// Its limits: it looks at the text alone. Whether a user, a folder or a
// program exists is the installer's to see, with [Spec.Diagnose] for the place
// in the text. Two addresses are compared as addresses, never as names.
package spec
