package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
)

// maxPage is how long a page the proxy takes; one octet more is read to see
// that it is longer.
const maxPage = 64 << 10

func newMaintain(out *console) *cobra.Command {
	var page string
	var allow []string
	var retryAfter time.Duration
	c := &cobra.Command{
		Use:     "maintain SITE on|off",
		GroupID: groupRun,
		Short:   "Answer 503 with a page on a site, but for some",
		Long: `Maintain has a site answer 503, with a page of yours, to everybody but the
clients of --allow, who are served as ever. It lasts until it is switched off,
over reloads, restarts and reboots. Given again, it changes the page.`,
		Example: `  webstack maintain shop on --page /srv/shop/back-soon.html --allow 192.0.2.0/24
  webstack maintain shop on --retry-after 10m
  webstack maintain shop off`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: completeMaintain,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage(errors.New("maintain needs a site, and on or off"), cmd.CommandPath()+" --help")
			}
			m := control.MaintenanceRequest{Site: args[0], On: args[1] == "on"}
			if !m.On && args[1] != "off" {
				return usage(fmt.Errorf("%q is neither on nor off", args[1]), cmd.CommandPath()+" --help")
			}
			if changed := firstChanged(cmd, "page", "allow", "retry-after"); !m.On && changed != "" {
				return usage(fmt.Errorf("--%s is for switching it on", changed), "webstack maintain "+args[0]+" off")
			}
			var err error
			if m.Page, err = readPage(page); err != nil {
				return err
			}
			if m.Allow, err = prefixes(allow); err != nil {
				return err
			}
			if m.RetryAfterSeconds, err = wholeSeconds(retryAfter); err != nil {
				return err
			}
			return maintain(cmd, out, m)
		},
	}
	c.Flags().StringVar(&page, "page", "", "answer with this HTML `file`")
	c.Flags().StringArrayVar(&allow, "allow", nil, "serve clients of this `CIDR` as ever; may be repeated")
	c.Flags().DurationVar(&retryAfter, "retry-after", 0, "tell clients to come back after this `duration`")
	return c
}

func maintain(cmd *cobra.Command, out *console, m control.MaintenanceRequest) error {
	if _, err := controlClient().Maintenance(cmd.Context(), m); err != nil {
		return notRunning(err)
	}
	if out.json {
		return out.document(maintenanceDocument{Version: documentVersion, Site: m.Site, On: m.On})
	}
	if m.On {
		out.progress("  %-12s  answers 503\n", m.Site)
	} else {
		out.progress("  %-12s  is served\n", m.Site)
	}
	return nil
}

// firstChanged is the first of the flags that was given, "" for none.
func firstChanged(cmd *cobra.Command, names ...string) string {
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

func readPage(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the page: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPage+1))
	if err != nil {
		return "", fmt.Errorf("cannot read the page: %w", err)
	}
	if len(text) > maxPage {
		return "", usage(fmt.Errorf("the page %s is longer than %d KB", path, maxPage>>10), "let it load its images from elsewhere")
	}
	return string(text), nil
}

// prefixes takes a single address for the prefix that is that address alone.
func prefixes(allow []string) ([]string, error) {
	var list []string
	for _, text := range allow {
		prefix, err := netip.ParsePrefix(text)
		if addr, single := netip.ParseAddr(text); single == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, usage(fmt.Errorf("--allow has %q, which is no address and no prefix", text), "--allow 192.0.2.0/24")
		}
		list = append(list, prefix.Masked().String())
	}
	return list, nil
}

// wholeSeconds is what Retry-After can say.
func wholeSeconds(d time.Duration) (int, error) {
	if d < 0 || d%time.Second != 0 {
		return 0, usage(fmt.Errorf("--retry-after is %s, and not some whole seconds", d), "--retry-after 10m")
	}
	return int(d / time.Second), nil
}

// completeMaintain offers the sites, and then on and off.
func completeMaintain(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 1 {
		return []string{"on", "off"}, cobra.ShellCompDirectiveNoFileComp
	}
	return completeNames(args, func(g *install.Generation) (names []string) {
		for _, s := range g.Desired.Sites {
			names = append(names, s.Name)
		}
		return names
	})
}
