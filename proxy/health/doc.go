// Package health asks instances whether they are well.
//
// Its nouns: [Check] is one question, a GET or a mere connect, with its
// verdict as an error for people. A [Prober] asks again and again, with a
// goroutine for each [Target], and tells what came of it; what follows from
// that (rise, fall, rotation) is package balance's.
//
// What it promises: no two questions to one target at a time, none to a target
// that says that it is to be left alone, and none after Run has returned. A
// target that is not known to be up is asked several times a second, so that it
// is back soon; one that is, at its interval, at a time of its own, so that not
// all are asked at once. A config that changes the targets lets those that
// stay keep their pace, however often it comes.
//
// Its limits: each question is a connection of its own, so that it says
// something of accepting, too. HTTP/1.1 without TLS. Redirects are answers and
// are not followed. A name is resolved anew for each question, by the system's
// resolver.
package health
