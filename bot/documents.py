"""Documents made from code: docs/settings.md, docs/api/openapi.json and docs/api/cases.openapi.json.

`make documents` writes them, tests compare.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from bot.cases import contract as cases_contract
from bot.gateway.contract import openapi
from bot.settings import PREFIX, ROOT, Settings

_HEAD = f"""# Settings

Made from `bot/settings.py` by `make documents`; do not change it by hand.

Every setting can stand in the environment under the name below, or in a TOML file named by `{PREFIX}SETTINGS`, there
in small letters without `{PREFIX}` (`{PREFIX}PORT` is `port`). The environment wins over the file. A yes/no setting is
`true` or `false`. `python -m bot check` lists what is missing or wrong. Paths are shown relative to the project.

| Name in the environment | Type | Default | Meaning |
| --- | --- | --- | --- |
"""
# Defaults that depend on the machine, in words.
_DEFAULTS = {"engines": "`2`, or `1` on one core"}
_BOUNDS = {"ge": "{} or more", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}


def write(docs: Path) -> list[Path]:
    """Write all documents that are made from code.

    Args:
        docs: the folder docs/.

    Returns:
        The files written.
    """
    contents = {
        docs / "settings.md": settings_table(),
        docs / "api" / "openapi.json": api_document(),
        docs / "api" / "cases.openapi.json": cases_document(),
    }
    for file, text in contents.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(contents)


def settings_table() -> str:
    """docs/settings.md: every setting with its name in the environment, type, default and meaning."""
    described = inspect.type_info(Settings)
    assert isinstance(described, inspect.StructType)
    rows = [_row(field) for field in described.fields]
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def api_document() -> str:
    """docs/api/openapi.json: the OpenAPI 3.1 document of the API."""
    return _as_json(openapi())


def cases_document() -> str:
    """docs/api/cases.openapi.json: the OpenAPI 3.1 contract that a force's own system of cases fulfils."""
    return _as_json(cases_contract.openapi())


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(field: inspect.Field) -> list[str]:
    meaning = ""
    kind = field.type
    if isinstance(kind, inspect.Metadata):
        meaning = (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    cells = [f"`{PREFIX}{field.name.upper()}`", _type(kind), _default(field.name, field.default), meaning]
    return [cell.replace("|", "\\|") for cell in cells]


def _type(kind: Any) -> str:
    if isinstance(kind, inspect.LiteralType):
        return "one of " + ", ".join(f"`{value}`" if value else "empty" for value in kind.values)
    if isinstance(kind, inspect.UnionType):
        return " or ".join(_type(part) for part in kind.types if not isinstance(part, inspect.NoneType))
    names: dict[type, str] = {
        inspect.BoolType: "yes/no",
        inspect.StrType: "text",
        inspect.IntType: "whole number",
        inspect.FloatType: "number",
        inspect.DateType: "date (YYYY-MM-DD)",
    }
    bounds = [
        words.format(getattr(kind, name)) for name, words in _BOUNDS.items() if getattr(kind, name, None) is not None
    ]
    return ", ".join([names[type(kind)], *bounds])


def _default(name: str, value: object) -> str:
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str) and value.startswith(f"{ROOT}/"):
        return f"`{value.removeprefix(f'{ROOT}/')}/`"
    return f"`{msgspec.to_builtins(value)}`"
