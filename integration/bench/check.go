package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// checkTimeout bounds one request that is looked at.
const checkTimeout = 10 * time.Second

// check makes the case's request twice on one connection, once on another, and
// looks at each octet of the answers: a fast wrong answer must not count.
func (c testCase) check(address string) error {
	conn, err := net.DialTimeout("tcp", address, checkTimeout)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(checkTimeout)); err != nil {
		return err
	}
	r := bufio.NewReader(conn)
	times := 2
	if c.closing {
		times = 1
	}
	for range times {
		if _, err := conn.Write(c.wire()); err != nil {
			return err
		}
		if err := c.checkAnswer(r); err != nil {
			return err
		}
	}
	if c.closing {
		if _, err := r.ReadByte(); err != io.EOF {
			return fmt.Errorf("the connection does not end after Connection: close: %w", err)
		}
	}
	return nil
}

func (c testCase) checkAnswer(r *bufio.Reader) error {
	response, err := http.ReadResponse(r, &http.Request{Method: c.method()})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is answered by status %d, not 200", c.path, response.StatusCode)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(body, c.want()) {
		return fmt.Errorf("%s is answered by %d octets that are not the %d right ones", c.path, len(body), c.body)
	}
	if response.Close && !c.closing {
		return fmt.Errorf("%s is answered with the end of the connection", c.path)
	}
	return nil
}
