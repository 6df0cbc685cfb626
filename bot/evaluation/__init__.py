"""Measuring the assistant: `python -m bot evaluate` (evaluate, scores, report) and `python -m bot bench`."""
