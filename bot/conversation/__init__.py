"""Messages in, replies out: one conversation at a time, in order, answered once."""
