"""Words are sealed with a key per conversation."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken

from bot.conversation.messages import Message
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault, local_keys

CANARY = "canary-zebra-4711"
NOW = 1_800_000_000.0


def test_what_is_sealed_opens_again(vault):
    key = vault.new_key()
    assert vault.open(key, vault.seal(key, {"a": [1, "b"]})) == {"a": [1, "b"]}


def test_one_conversations_key_does_not_open_anothers_words(vault):
    with pytest.raises(InvalidToken):
        vault.open(vault.new_key(), vault.seal(vault.new_key(), "secret"))


def test_keys_rotate():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    key = Vault([old]).new_key()
    sealed = Vault([old]).seal(key, "words")
    assert Vault([new, old]).open(key, sealed) == "words"


def test_no_word_stands_in_the_database_or_its_log(sqlite, vault, settings):
    store = ConversationStore(sqlite, vault)
    store.start("token", "web", [], NOW, NOW + 900)
    store.accept(store.find("token", NOW), Message(client_id="a", text=CANARY), NOW)
    files = list(Path(settings.var_dir).glob("assistant.sqlite3*"))
    assert any(file.name.endswith("-wal") for file in files)
    assert not any(CANARY.encode() in file.read_bytes() for file in files)


def test_the_embedded_key_is_its_owners_only(tmp_path):
    assert local_keys(tmp_path) == local_keys(tmp_path)
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
