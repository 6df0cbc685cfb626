"""Cases: looking one up, proving who asks, and saying where it stands. See README.md of this folder."""
