"""Referral to a support service: questions, routes, preview with consent, an encrypted store and delivery.

Knows nothing of Rasa or HTTP pages. Rules and sources: bot/referrals/README.md.
"""
