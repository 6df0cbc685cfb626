"""Handing a conversation to a person: the queue, who has it, hours, call-backs. Knows neither HTTP nor Rasa."""
