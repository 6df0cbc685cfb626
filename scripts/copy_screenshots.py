"""Copies the pictures that the browser tests took to docs/screenshots, smaller: `make screenshots`."""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TAKEN, KEPT = ROOT / "var" / "screenshots", ROOT / "docs" / "screenshots"
COLOURS = 48


def main() -> None:
    """Replace all that is kept."""
    for old in KEPT.glob("*.png"):
        old.unlink()
    for taken in sorted(TAKEN.glob("*.png")):
        with Image.open(taken) as picture:
            picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(KEPT / taken.name, optimize=True)


if __name__ == "__main__":
    main()
