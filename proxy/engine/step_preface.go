package engine

func (c *client) stepPreface() verdict { return wait }
