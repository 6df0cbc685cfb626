"""Victims' Rights Assistant: the 12 rights of the Victims' Code in plain words."""

__version__ = "0.1.0"
