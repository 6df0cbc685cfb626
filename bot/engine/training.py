"""Training: from the files under data/ to a model with its manifest; only when something it depends on has changed."""

from bot.engine import quiet  # isort: skip  (before Rasa)

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import rasa
from rasa.model_training import train as rasa_train

from bot.engine.model import GATE_FILE, ModelError, checked_model, read_manifest, write_manifest
from bot.safety.training import fit_ngrams, training_examples
from bot.settings import ROOT

# Everything a model depends on. Answers are not among them: words can change without training.
MADE_FROM = (
    "config.yml",
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/code/topics.yml",
    "data/conversation/en.yml",
    "data/safety/examples",
    "data/safety/patterns",
    "bot/engine/importer.py",
    "bot/engine/second_opinion.py",
    "bot/engine/sentence_features.py",
    "bot/engine/topic_classifier.py",
    "bot/safety/network.py",
    "bot/safety/ngrams.py",
    "bot/safety/normalise.py",
    "bot/safety/training.py",
)
KEPT = 2


def made_from(root: Path = ROOT) -> str:
    """SHA-256 over all files a model depends on, and Rasa's version."""
    digest = hashlib.sha256(rasa.__version__.encode())
    for name in MADE_FROM:
        path = root / name
        for file in sorted(path.rglob("*.yml")) if path.is_dir() else [path]:
            digest.update(file.relative_to(root).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def up_to_date(models: Path) -> bool:
    """Whether the model of a folder is whole and made from the files as they are now."""
    manifest = read_manifest(models)
    if manifest is None or manifest.made_from != made_from():
        return False
    try:
        checked_model(models)
    except ModelError:
        return False
    return True


def train(models: Path) -> Path:
    """Train a model into a folder and record it in the manifest.

    Args:
        models: the folder; older models in it are removed, but for the one before.

    Returns:
        The model's path.

    Raises:
        ModelError: Rasa could not train; what it said stands above.
    """
    os.chdir(ROOT)
    source = made_from()
    with tempfile.TemporaryDirectory() as folder:
        result = rasa_train(
            domain="domain.yml", config="config.yml", training_files=["data"], output=folder, force_training=True
        )
        if result.model is None:
            raise ModelError("Training failed. What Rasa said stands above; nothing was changed.")
        models.mkdir(parents=True, exist_ok=True)
        fit_ngrams(training_examples(ROOT / "data")).save(models / GATE_FILE)
        model = models / Path(result.model).name
        shutil.move(result.model, model)
    write_manifest(models, model, source)
    for old in sorted(models.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink()
    return model


__all__ = ["made_from", "quiet", "train", "up_to_date"]
