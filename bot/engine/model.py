"""The trained model and its manifest: only a model we made, whose hash we know, is ever loaded.

Rasa's own loader takes the newest file when the named one is missing, and a model names Python classes to import.
This module imports nothing of Rasa.
"""

import hashlib
from pathlib import Path

import msgspec

GATE_FILE = "safety.npz"
"""The safety gate's model of n-grams (bot.safety.ngrams.FILE)."""


class ModelError(Exception):
    """There is no model that may be loaded; the message says what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """models/manifest.json: the model and the gate's with their SHA-256, and the hash of all they were trained from."""

    model: str
    sha256: str
    gate_sha256: str
    made_from: str


def read_manifest(models: Path) -> Manifest | None:
    """The manifest of a models folder, or None when there is none that can be read."""
    try:
        return msgspec.json.decode((models / "manifest.json").read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def write_manifest(models: Path, model: Path, made_from: str) -> Manifest:
    """Record a newly trained model and the safety gate's beside it."""
    manifest = Manifest(
        model=model.name, sha256=file_hash(model), gate_sha256=file_hash(models / GATE_FILE), made_from=made_from
    )
    (models / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def checked_model(models: Path) -> str:
    """Path of the model the manifest names.

    Raises:
        ModelError: no manifest, no such file, or a hash differs, its own or that of the safety gate's model.
    """
    manifest = read_manifest(models)
    if manifest is None:
        raise ModelError(f"There is no trained model in {models}. Make one with: make train")
    file = models / manifest.model
    if not file.is_file():
        raise ModelError(f"The model {file} is missing. Make one with: make train")
    if file_hash(file) != manifest.sha256:
        raise ModelError(f"The model {file} is not the one its manifest names. Make a new one with: make train")
    gate = models / GATE_FILE
    if not gate.is_file() or file_hash(gate) != manifest.gate_sha256:
        raise ModelError(f"The safety gate's model {gate} is missing or another one. Make a new one with: make train")
    return str(file)


def file_hash(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
