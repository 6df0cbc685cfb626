"""The sentence vectors of all training texts, shipped in data/vectors so that a fresh machine need not compute them.

One takes 20 ms, all of them ten minutes on two cores; a fresh `make run` would spend most of its time there. They are a
cache and nothing else: a text whose vector is missing is computed, and a vector nobody asks for does no harm.
"""

from collections import defaultdict
from pathlib import Path

from bot.engine.progress import progress
from bot.engine.sentence_features import CACHE, SentenceEncoder, normalised, write_vectors
from bot.safety.examples import load_examples
from bot.safety.training import ordinary_questions
from bot.settings import ROOT


def ship_vectors(data: Path) -> dict[str, int]:
    """Write data/vectors/<language>.npz anew.

    Args:
        data: the data folder.

    Returns:
        How many vectors each language has.

    Raises:
        bot.data_files.DataError: a file of examples does not fit.
    """
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    for example in [*ordinary_questions(data), *load_examples(data / "safety" / "examples")]:
        texts[example.language][normalised(example.text)] = None
    encoder, folder = SentenceEncoder(), data / "vectors"
    folder.mkdir(exist_ok=True)
    for old in set(folder.glob("*.npz")) - {folder / f"{language}.npz" for language in texts}:
        old.unlink()
    for language, mine in sorted(texts.items()):
        with progress(f"Sentence vectors: {language}") as tell:
            encoder.encode_all(list(mine), ROOT / CACHE, folder, tell=tell)
        write_vectors(folder / f"{language}.npz", encoder.vectors_of(list(mine), ROOT / CACHE, folder))
    return {language: len(mine) for language, mine in texts.items()}
