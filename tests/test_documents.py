"""The documents made from code are those of the code."""

import json
import re
from pathlib import Path

import pytest

from bot.documents import api_document, cases_document, settings_table, write
from bot.settings import ROOT, Settings

MAKE = "Run: make documents"


def test_the_settings_table_is_that_of_the_code() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_table(), MAKE


def test_the_api_document_is_that_of_the_code() -> None:
    assert (ROOT / "docs" / "api" / "openapi.json").read_text(encoding="utf-8") == api_document(), MAKE


def test_the_contract_of_cases_is_that_of_the_code() -> None:
    assert (ROOT / "docs" / "api" / "cases.openapi.json").read_text(encoding="utf-8") == cases_document(), MAKE


def test_every_setting_has_a_row_with_four_filled_cells() -> None:
    rows = re.findall(r"^\| `BOT_(\w+)` \| (.+) \| (.+) \| (.+) \|$", settings_table(), re.MULTILINE)
    assert [row[0].lower() for row in rows] == list(Settings.__struct_fields__)


@pytest.mark.parametrize("text", [str(ROOT), str(Path.home())])
def test_no_path_of_a_machine_stands_in_the_table(text: str) -> None:
    assert text not in settings_table()


def test_the_number_of_engines_is_said_without_looking_at_this_machine() -> None:
    assert "| `BOT_ENGINES` | whole number, 1 or more, at most 64 | `2`, or `1` on one core |" in settings_table()
    assert Settings().engines in (1, 2)


@pytest.mark.parametrize("document", [api_document(), cases_document()], ids=["api", "cases"])
def test_an_api_document_names_every_reference_it_uses(document: str) -> None:
    used = set(re.findall(r'"#/components/schemas/(\w+)"', document))
    assert used <= set(json.loads(document)["components"]["schemas"])


def test_writing_makes_every_file(tmp_path: Path) -> None:
    written = [file.relative_to(tmp_path).as_posix() for file in write(tmp_path)]
    assert written == ["settings.md", "api/openapi.json", "api/cases.openapi.json"]
    assert (tmp_path / "settings.md").read_text(encoding="utf-8") == settings_table()
