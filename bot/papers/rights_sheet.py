""" "My rights now": a sheet for this person's situation, to be printed."""

from collections.abc import Mapping, Sequence

from bot.conversation.messages import Contact
from bot.papers.paper import Block, Line, Paper, Writer
from bot.papers.phrases import PapersPhrases
from bot.rights.answers import Answers, Situation
from bot.rights.clock import Row
from bot.rights.clock_words import ClockPhrases, words


def rights_sheet(
    situation: Situation,
    rows: Sequence[Row],
    topics: Sequence[str],
    phrases: PapersPhrases,
    clock: Mapping[str, ClockPhrases],
    answers: Mapping[str, Answers],
    writer: Writer,
    *,
    hedged: Sequence[Row] = (),
    stage: str | None = None,
    contacts: Sequence[Contact] = (),
) -> Paper:
    """The sheet.

    Args:
        situation: day, area, mode, and what the person told.
        rows: the rows of the clock.
        topics: ids of topics that apply now, as for example the stage of a case lists them.
        phrases: the words of the sheet.
        clock, answers: the words of rows and topics by language; English must be there.
        writer: the language.
        hedged: rows that the clock leaves out.
        stage: the stage of the case in plain English words, as in data/cases/stages.yml.
        contacts: services to ask, from the directory.

    Raises:
        KeyError: a topic does not exist.
    """
    say = phrases.sheet
    blocks = [writer.block("text", say.made_on, day=situation.today)]
    if stage:
        blocks += [writer.block("heading", say.stage), writer.block("text", stage)]
    if situation.enhanced_rights in say.enhanced:
        blocks.append(writer.block("text", say.enhanced[situation.enhanced_rights]))

    def add(heading: str, chosen: Sequence[Row]) -> None:
        if chosen:
            blocks.append(writer.block("heading", heading))
            blocks.extend(Block(kind="item", line=_row(row, clock, writer)) for row in chosen)

    add(say.own, [row for row in rows if row.own])
    add(say.owed, [row for row in rows if not row.own])
    if not rows:
        blocks.append(writer.block("text", say.nothing))
    add(say.hedged, hedged)
    if hedged:
        blocks.append(writer.block("text", say.hedged_note))
    if topics:
        blocks.append(writer.block("heading", say.topics))
        for topic in topics:
            blocks += _topic(topic, situation, answers, writer)
    blocks.append(writer.block("heading", say.ask))
    blocks += [writer.block("item", line) for line in say.ask_lines]
    # Only numbers that may be shown: the directory leaves the others empty.
    blocks += [
        writer.block("item", say.contact, name=one.name, number=one.number or one.url)
        for one in contacts
        if one.number or one.url
    ]
    return Paper(title=writer.line(say.title), blocks=blocks, language=writer.language)


def _row(row: Row, clock: Mapping[str, ClockPhrases], writer: Writer) -> Line:
    english = words(row, clock["en"])
    spoken = clock.get(writer.language)
    return Line(text=english) if spoken is None else writer.pair(words(row, spoken), english)


def _topic(topic: str, situation: Situation, answers: Mapping[str, Answers], writer: Writer) -> list[Block]:
    """A topic's first bubble, as approved, with where it comes from."""
    english = answers["en"].answer(topic, situation)[0]
    known = answers["en"].catalogue
    spoken = answers.get(writer.language)
    text = Line(text=english.text)
    if spoken is not None:
        text = writer.pair(spoken.answer(topic, situation)[0].text, english.text)
    blocks = [
        writer.block("heading", known.title(topic, known.edition(situation.today))),
        Block(kind="text", line=text),
    ]
    if english.source:
        blocks.append(Block(kind="text", line=Line(text=english.source.text)))
    return blocks
