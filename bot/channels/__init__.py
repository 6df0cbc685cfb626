"""Ways to talk to the assistant besides its own page."""
