"""Reading YAML files: an error names the file and the line."""

from pathlib import Path

import msgspec
import pytest

from bot.data_files import DataError, load


class Point(msgspec.Struct, forbid_unknown_fields=True):
    """A thing in a list."""

    name: str
    place: int


class Points(msgspec.Struct, forbid_unknown_fields=True):
    """A file of them."""

    points: list[Point]
    notes: dict[str, int] = {}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "points.yml"


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_that_fits_is_read(file: Path) -> None:
    assert load(written(file, "points:\n- {name: a, place: 1}\n"), Points).points == [Point("a", 1)]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("points:\n- name: a\n  place: far\n", 3, "Expected `int`, got `str`"),
        ("points:\n- name: a\n  place: 1\n- name: b\n  place: far\n", 5, "Expected `int`"),
        ("points:\n- name: a\n", 2, "missing required field `place`"),
        ("points: []\nnotes:\n  one: 1\n  two: b\n", 3, "Expected `int`"),
        ("points: none\n", 1, "Expected `array`"),
        ("", 1, "Expected `object`"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(file: Path, text: str, line: int, what: str) -> None:
    with pytest.raises(DataError, match=rf"points\.yml:{line}: .*{what}"):
        load(written(file, text), Points)


def test_an_unknown_field_is_named(file: Path) -> None:
    with pytest.raises(DataError, match=r"points\.yml:2: .*unknown field `plaice`"):
        load(written(file, "points:\n- name: a\n  place: 1\n  plaice: 2\n"), Points)


def test_what_is_not_yaml_is_named_with_its_line(file: Path) -> None:
    with pytest.raises(DataError, match=r"points\.yml:2: not YAML"):
        load(written(file, "points:\n- {name: a, : : }\n"), Points)


def test_a_tag_that_would_run_code_is_refused(file: Path) -> None:
    with pytest.raises(DataError, match="not YAML"):
        load(written(file, "points: !!python/object/apply:os.getcwd []\n"), Points)


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(DataError, match=r"points\.yml: cannot be read: No such file"):
        load(file, Points)
