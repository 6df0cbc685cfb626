"""Reading the YAML files under data/ into typed objects, with errors that name the file and the line."""

import functools
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
_STEP = re.compile(r"\.([\w/-]+)|\[(\d+|\.\.\.)\]")


class DataError(Exception):
    """A file under data/ is wrong; the message reads `file:line: what is wrong`."""


def load(path: Path, kind: type[T]) -> T:
    """Read one YAML file.

    Args:
        path: the file.
        kind: the type it must have.

    Raises:
        DataError: it cannot be read, is not YAML, or does not fit `kind`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        plain = yaml.load(text, Loader=_loader())  # noqa: S506  (both are safe loaders)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise DataError(f"{path}:{mark.line + 1 if mark else 1}: not YAML: {error}") from error
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `")
        line = _line(yaml.compose(text, Loader=_loader()), plain, where.rstrip("`"))
        raise DataError(f"{path}:{line}: {what}") from error


@functools.cache
def _loader() -> type:
    # libyaml where PyYAML was built with it: the same result, several times faster.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _line(node: yaml.Node | None, plain: Any, where: str) -> int:
    """Line of the deepest node of a msgspec path such as `$.topics[3].links[0].url` that exists."""
    for name, index in _STEP.findall(where.removeprefix("$")):
        inner = None
        if isinstance(node, yaml.MappingNode) and name:
            inner = next((value for key, value in node.value if key.value == name), None)
        elif isinstance(node, yaml.SequenceNode) and index.isdigit() and int(index) < len(node.value):
            inner = node.value[int(index)]
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1 if node is not None else 1
