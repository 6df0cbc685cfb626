"""The public door: HTTP API and the plain page. The only part of the assistant that may be reached from outside."""
