"""Custom actions, one module per flow. Thin: they read the tracker, ask bot.rights and say what it returns.

They run inside an engine (bot.engine.agent) and, unchanged, under a stock action server (`rasa run actions`).
"""
