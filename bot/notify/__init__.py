"""Codes and notices on their way to a person, by text or e-mail. Start with README.md."""
