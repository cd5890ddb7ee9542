// Package importer makes a spec out of what somebody runs today: nginx.conf,
// supervisord.conf, a Procfile, pm2's ecosystem file.
//
// Its nouns: [Sources] are the texts; a [Row] is one directive of the table
// that says what becomes of each ([NginxTable], [SupervisorTable],
// [PM2Table]), from which the guide's tables are made ([Guide]); an [Entry] is
// what became of one directive of the texts; [Result] is the spec, commented,
// with the report of all entries.
//
// It promises:
//
//   - Nothing is dropped in silence. Every directive is an entry of the report,
//     with its file and line: converted, different in a way that is named, or
//     not supported.
//   - Nothing that protects is lost. A route that nginx guards by something
//     that a spec cannot say yet (a password, an address list, TLS, a rate) is
//     written as a comment, and a route that refuses stands in its place: left
//     out, its requests would be another route's.
//   - What it writes is a spec that install/spec takes. It asks install/spec;
//     what is refused becomes a comment with the reason.
//   - Equal texts give equal answers: it reads no file, no clock and no
//     environment. Reading the files is install/importer/load's.
//
// Its limits: it converts what a spec can say today. It looks at texts alone:
// whether a user, a program or a folder is there is seen by `webstack apply`.
package importer
