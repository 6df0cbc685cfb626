"""The assistant in Telegram. It only translates between Telegram and the conversation core.

The room for a change: `updates` (what an update means), `commands`, `words` (what the channel itself says), `shown` (a
reply in Telegram's form), `keyboards` (buttons that cannot be forged), `chats` (what is stored), `delivery` (replies
out), `channel` (updates in), `connection` (polling and webhook), `switches` (what is on). How to set it up and what it
cannot protect: docs/telegram.md.
"""
