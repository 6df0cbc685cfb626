"""Which commit is measured."""

import subprocess

from bot.settings import ROOT


def commit() -> str:
    """The commit that was measured; `+changes` when the tree differs from it, `unknown` without git."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run(  # noqa: S603
            [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run(  # noqa: S603
            [*git, "status", "--porcelain", "--", ".", ":!docs/benchmarks"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + ("+changes" if changes.stdout.strip() else "")
