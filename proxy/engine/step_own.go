package engine

// stepOwn waits until the client has taken an answer of our own.
func (c *client) stepOwn() verdict {
	if !c.flush() {
		return wait
	}
	return c.to(stepFinish)
}
