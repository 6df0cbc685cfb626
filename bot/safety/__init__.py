"""The safety gate and its cards: the first thing every message meets."""
