"""A paper as plain text, as HTML for print, and as .docx."""

import functools
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import docx
import jinja2
import msgspec
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.shared import OxmlElement
from docx.text.paragraph import Paragraph

from bot.papers.paper import Block, Line, Paper

FILE_NAME = "document.docx"
"""The same for every paper: a name in a list of downloads tells nothing."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_RULE = "_" * 40
_LONG_AGO = datetime(2000, 1, 1)
_STYLES = {"heading": "Heading 2", "item": "List Bullet"}
_PROPERTIES = (
    "author",
    "category",
    "comments",
    "content_status",
    "identifier",
    "keywords",
    "language",
    "last_modified_by",
    "subject",
    "title",
    "version",
)


def as_text(paper: Paper) -> str:
    """The paper as plain text, to be copied: each line in its language, the English under it."""
    parts = [*_lines(paper.title)]
    for block in paper.blocks:
        if block.kind != "item":
            parts.append("")
        parts += [_text_of(block, text) for text in _lines(block.line)]
    return "\n".join(parts).strip() + "\n"


def as_html(paper: Paper, *, notes: bool = True) -> str:
    """The paper as a fragment of HTML for the screen and for print; every text is escaped.

    Args:
        paper: the paper.
        notes: with the notes for the person, which a print style leaves out (class `paper-notes`).
    """
    return _template().render(paper=paper, notes=notes)


def as_docx(paper: Paper) -> bytes:
    """The paper as a Word file, without title, author, dates or case words in its properties.

    The rule: shared/protection.md, On the device.
    """
    document = docx.Document()
    properties = document.core_properties
    for name in _PROPERTIES:
        setattr(properties, name, "")
    properties.created = properties.modified = properties.last_printed = _LONG_AGO
    properties.revision = 1
    _put(document, paper.title, "Heading 1")
    for block in paper.blocks:
        line = _with_rule(block.line) if block.kind == "blank" else block.line
        _put(document, line, _STYLES.get(block.kind))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _lines(line: Line) -> Iterator[str]:
    yield line.text
    if line.english:
        yield line.english


def _text_of(block: Block, text: str) -> str:
    if block.kind == "item":
        return f"• {text}"
    return f"{text} {_RULE}".strip() if block.kind == "blank" else text


def _with_rule(line: Line) -> Line:
    return msgspec.structs.replace(
        line,
        text=f"{line.text} {_RULE}".strip(),
        english=f"{line.english} {_RULE}" if line.english is not None else None,
    )


def _put(document: Document, line: Line, style: str | None) -> None:
    """A paragraph, or two side by side where the English stands beside it."""
    rtl = line.direction == "rtl"
    if line.english is None:
        _fill(document.add_paragraph(), line.text, style, rtl)
        return
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    spoken, english = (cells[1], cells[0]) if rtl else (cells[0], cells[1])
    _fill(spoken.paragraphs[0], line.text, style, rtl)
    _fill(english.paragraphs[0], line.english, style, False)


def _fill(paragraph: Paragraph, text: str, style: str | None, rtl: bool) -> None:
    if style:
        paragraph.style = style
    run = paragraph.add_run(text)
    if rtl:
        run.font.rtl = True
        paragraph._p.get_or_add_pPr().append(_element("w:bidi"))


def _element(name: str) -> Any:
    element = OxmlElement(name)
    element.set(qn("w:val"), "1")
    return element


@functools.cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("bot.papers", "templates")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template(
        "paper.html"
    )
