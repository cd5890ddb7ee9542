package integration

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/webstack/webstack/integration/load"
	"github.com/webstack/webstack/integration/machine"
)

// httpFlags are what `http` takes before its method.
type httpFlags struct {
	status  int
	body    string
	timeout time.Duration
}

// http makes one request in a machine and prints the whole answer. It fails
// when there is none, or one of another status than -status.
func (s *script) http(args []string) (printed, error) {
	name, args := named(args)
	const usage = "usage: http [@NAME] [-status N] [-body TEXT] [-timeout D] [METHOD] URL ['Header: value'...]"
	var opts httpFlags
	flags := newFlags("http")
	flags.IntVar(&opts.status, "status", 0, "")
	flags.StringVar(&opts.body, "body", "", "")
	flags.DurationVar(&opts.timeout, "timeout", 30*time.Second, "")
	if err := flags.Parse(args); err != nil {
		return printed{}, misused("%v: %s", err, usage)
	}
	args = flags.Args()
	method := http.MethodGet
	if len(args) > 0 && args[0] == strings.ToUpper(args[0]) {
		method, args = args[0], args[1:]
	}
	if len(args) == 0 {
		return printed{}, misused(usage)
	}
	ctx, cancel := context.WithTimeout(context.Background(), opts.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, args[0], strings.NewReader(opts.body))
	if err != nil {
		return printed{}, misused("%v: %s", err, usage)
	}
	if err := setHeaders(request, args[1:]); err != nil {
		return printed{}, err
	}
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return printed{}, err
	}
	// RoundTrip follows no redirect and keeps the path as it is written.
	transport := m.HTTPTransport()
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return printed{stderr: err.Error() + "\n"}, fmt.Errorf("no answer: %w", err)
	}
	defer response.Body.Close()
	text, err := describe(response)
	if err == nil && opts.status != 0 && response.StatusCode != opts.status {
		err = fmt.Errorf("got status %d, want %d", response.StatusCode, opts.status)
	}
	return printed{stdout: text}, err
}

func setHeaders(request *http.Request, lines []string) error {
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return misused("%q is not a header", line)
		}
		value = strings.TrimSpace(value)
		if strings.EqualFold(name, "Host") {
			request.Host = value
			continue
		}
		request.Header.Add(name, value)
	}
	return nil
}

// describe writes an answer as text: status, headers by name, body.
func describe(response *http.Response) (string, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP %d\n", response.StatusCode)
	if response.ContentLength >= 0 && response.Header.Get("Content-Length") == "" {
		response.Header.Set("Content-Length", fmt.Sprint(response.ContentLength))
	}
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		for _, value := range response.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	b.WriteString("\n")
	_, err := io.Copy(&b, response.Body)
	if err != nil {
		err = fmt.Errorf("the answer is cut: %w", err)
	}
	return b.String(), err
}

// load is the verb for requests in the background, and for many at once.
func (s *script) load(args []string) (printed, error) {
	const usage = "usage: load start NAME URL [FLAG...] | load report|stop NAME | load run [-row NAME] URL [FLAG...]"
	if len(args) < 2 {
		return printed{}, misused(usage)
	}
	what, args := args[0], args[1:]
	switch what {
	case "run":
		name, args := rowName(args)
		l, err := s.startLoad(args)
		if err != nil {
			return printed{}, err
		}
		report := l.Wait()
		if name != "" {
			err = publish(fmt.Sprintf("%s: lost %d of %d at once; first answer %.2f s; longest wait %.2f s",
				name, report.Failed, report.OK+report.Failed, report.Min.Seconds(), report.Max.Seconds()))
		}
		return printed{stdout: report.String()}, errors.Join(err, report.Err())
	case "start":
		if s.loads[args[0]] != nil {
			return printed{}, misused("load %s runs already", args[0])
		}
		l, err := s.startLoad(args[1:])
		if err != nil {
			return printed{}, err
		}
		s.loads[args[0]] = l
		return printed{}, nil
	}
	l := s.loads[args[0]]
	if l == nil {
		return printed{}, misused("there is no load %s", args[0])
	}
	switch what {
	case "report":
		return printed{stdout: l.Report().String()}, nil
	case "stop":
		delete(s.loads, args[0])
		// Failures are for the script to judge: some tests want them.
		return printed{stdout: l.Stop().String()}, nil
	}
	return printed{}, misused(usage)
}

// rowName takes "-row NAME" off the arguments of a load that is a row of the
// lossless table by itself.
func rowName(args []string) (string, []string) {
	if len(args) > 1 && args[0] == "-row" {
		return args[1], args[2:]
	}
	return "", args
}

// startLoad starts a load as its arguments say: [@NAME] URL, then flags.
func (s *script) startLoad(args []string) (*load.Load, error) {
	name, args := named(args)
	if len(args) == 0 {
		return nil, misused("load: no URL is given")
	}
	opts := load.Options{URL: args[0]}
	flags := newFlags("load")
	flags.BoolVar(&opts.NewConnection, "close", false, "")
	flags.IntVar(&opts.Workers, "workers", 0, "")
	flags.IntVar(&opts.Requests, "n", 0, "")
	flags.DurationVar(&opts.Pause, "pause", 0, "")
	flags.DurationVar(&opts.Timeout, "timeout", 0, "")
	flags.StringVar(&opts.Method, "method", "", "")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return nil, misused("load: wrong flags %q: %v", args[1:], err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return nil, err
	}
	opts.Dial = m.Dial
	return load.Start(context.Background(), opts)
}

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}
