package machine

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// console is the terminal behind a machine's /dev/console. What PID 1 writes
// there before it has a journal is all that is known of a boot that fails.
type console struct {
	path   string // of the machine's side
	ours   *os.File
	theirs *os.File // held, so that a reader outlives each writer
	read   sync.WaitGroup
}

// escapes are terminal control sequences (ECMA-48), which systemd sends to
// reset and colour a console.
var escapes = regexp.MustCompile(`\x1b(\[[0-9;?!]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()].|[ -/]*[0-~])`)

// openConsole opens a terminal and reports each line written to it.
func openConsole(reports *reporter) (*console, error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open a terminal for the console: %w", err)
	}
	ours := os.NewFile(uintptr(fd), "console")
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("cannot unlock the console's terminal: %w", err)
	}
	c := &console{path: fmt.Sprintf("/dev/pts/%d", number), ours: ours}
	c.theirs, err = os.OpenFile(c.path, unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("cannot open the console's other side: %w", err)
	}
	c.read.Go(func() { c.relay(reports) })
	return c, nil
}

func (c *console) relay(reports *reporter) {
	lines := bufio.NewScanner(c.ours)
	for lines.Scan() {
		line := strings.TrimRight(escapes.ReplaceAllString(lines.Text(), ""), "\r ")
		if line != "" {
			reports.send(report{Console: line})
		}
	}
}

// close ends the terminal; what was written before it is still reported.
func (c *console) close() {
	c.theirs.Close()
	c.read.Wait() // the last writer is gone: the read ends with EIO
	c.ours.Close()
}
