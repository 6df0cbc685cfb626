"""Who staff are: accounts, roles, organisations, presence and the audit log. Knows neither HTTP nor Rasa."""
