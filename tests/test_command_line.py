"""The command line as people start it."""

import subprocess
import sys

import pytest

from bot.settings import ROOT


@pytest.mark.parametrize(
    ("group", "command"),
    [
        ("cases", "import"),
        ("referrals", "dead-letters"),
        ("privacy", "export"),
        ("content", "check"),
        ("staff", "add"),
        ("audit", "verify"),
    ],
)
def test_each_group_of_commands_is_there_with_its_help(group: str, command: str) -> None:
    asked = [sys.executable, "-m", "bot", group, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert command in done.stdout
