"""An outline for a Victim Personal Statement: headings with guiding questions, for the person alone (Right 7)."""

from collections.abc import Mapping

from bot.papers.paper import Block, Paper, Writer, own_words
from bot.papers.phrases import PapersPhrases


def statement_outline(typed: Mapping[str, str], phrases: PapersPhrases, writer: Writer) -> Paper:
    """The outline with what the person typed under each heading; where that is nothing, room to write by hand.

    Show `phrases.court_warning` before anything is typed (shared/protection.md, On the device).

    Args:
        typed: the person's own words, by id of a section; every section may be left out.
        phrases: the words of the outline.
        writer: the language.

    Raises:
        ValueError: there is no such section.
    """
    say = phrases.statement
    if unknown := set(typed) - {section.id for section in say.sections}:
        raise ValueError(f"there is no such section: {', '.join(sorted(unknown))}")
    blocks: list[Block] = []
    for section in say.sections:
        own = typed.get(section.id, "")
        blocks.append(writer.block("heading", section.heading))
        blocks += [writer.block("item", question) for question in section.questions]
        blocks.append(own_words(own) if own.strip() else writer.block("blank", ""))
    notes = [writer.line(text) for text in (say.what_it_is, say.who_sees, say.may_say, say.leave_out_title)]
    notes += [writer.line(text) for text in (*say.leave_out, say.after)]
    return Paper(title=writer.line(say.title), notes=notes, blocks=blocks, language=writer.language)
