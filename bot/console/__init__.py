"""The staff console: a second application over the same services, on its own port and host name."""
