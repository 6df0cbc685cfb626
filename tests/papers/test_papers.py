"""Papers: the complaint, the statement outline, the sheet; as text, HTML and .docx, in one language and in two."""

import io
import re
import shutil
import zipfile
from datetime import date, datetime, timezone
from pathlib import Path
from statistics import median
from typing import Any

import docx
import pytest
import textstat
import yaml
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.messages import Contact
from bot.data_files import DataError
from bot.papers import (
    FILE_NAME,
    Complaint,
    Paper,
    PapersPhrases,
    Writer,
    as_docx,
    as_html,
    as_text,
    complaint_letter,
    load_papers_phrases,
    rights_sheet,
    statement_outline,
)
from bot.papers.paper import own_words
from bot.rights.answers import Answers, Situation
from bot.rights.clock import COMPLAINTS, Clock, Happened, Row
from bot.rights.clock_words import ClockPhrases, words
from bot.rights.facts import FactBase, right_of
from tests.papers.conftest import DATA, TODAY, translated

Letter = Any
NASTY = "<script>alert(1)</script> {body} & 'x'\x00\x0b\u202e"


@pytest.fixture
def letter(phrases: PapersPhrases, clock: ClockPhrases, base: FactBase) -> Letter:
    """Makes a letter."""

    def make(writer: Writer | None = None, **answers: Any) -> Paper:
        given: dict[str, Any] = {"duty": "suspect_charged", **answers}
        return complaint_letter(
            Complaint(**given), phrases, clock, base, base.edition_on(TODAY), writer or Writer()
        )  # fmt: skip

    return make


def rows(base: FactBase, *events: str, today: date = TODAY) -> list[Row]:
    happened = [Happened(event=event, on=date(2026, 11, 10)) for event in events]
    return Clock(base).owed(
        happened, enhanced="unknown", today=today, area="West Midlands", edition=base.edition_on(today)
    )


def sheet(
    phrases: PapersPhrases, clock: ClockPhrases, answers: Answers, chosen: list[Row], *topics: str, **more: Any
) -> Paper:
    situation = Situation(today=TODAY, area="West Midlands", demo=more.pop("demo", True))
    return rights_sheet(situation, chosen, topics, phrases, {"en": clock}, {"en": answers}, Writer(), **more)


# ------------------------------------------------------------------------------------------------ before any paper
def test_the_device_is_asked_about_with_three_choices_of_which_the_screen_is_the_default(
    phrases: PapersPhrases,
) -> None:
    assert phrases.device.question == "This will stay on this phone or computer. Is that safe?"
    assert list(phrases.device.choices) == ["screen", "copy", "download"]


def test_the_court_warning_stands_word_for_word(phrases: PapersPhrases) -> None:
    assert phrases.court_warning == (
        "This service is run by {controller}. What you type could be asked for by the police or a court. "
        "You do not need to say what happened."
    )


def test_nothing_promises_that_no_copy_exists(phrases: PapersPhrases) -> None:
    assert phrases.device.kept == "We keep no copy. Your device may."


# ------------------------------------------------------------------------------------------------ complaint
def test_only_the_duty_is_needed_for_a_complaint(letter: Letter) -> None:
    text = as_text(letter())
    assert "To: The complaints team of the police force" in text
    assert "Right 12" in text
    assert "Right 6: To be provided with information about the investigation and prosecution" in text
    assert "The police must tell you about the charge and the first hearing." in text
    assert "What happened" not in text
    assert "What I want\n" not in text


def test_what_was_confirmed_stands_in_the_letter(letter: Letter) -> None:
    text = as_text(
        letter(
            happened_on=date(2026, 11, 10),
            last_day=date(2026, 11, 17),
            what_happened="I heard it from a friend.",
            wants=["update", "apology"],
            wants_own="A call on a weekday.",
        )
    )
    for part in ("Tuesday 10 November 2026", "Tuesday 17 November 2026", "I heard it from a friend.",
                 "• the news that I should have had", "• an apology", "A call on a weekday."):  # fmt: skip
        assert part in text


def test_a_line_left_out_leaves_no_trace(letter: Letter, phrases: PapersPhrases) -> None:
    text = as_text(letter(what_happened="  ", wants_own=" "))
    assert phrases.complaint.what_happened not in text
    assert phrases.complaint.want + "\n" not in text


def test_every_duty_owed_by_a_body_of_the_code_has_its_letter(letter: Letter, base: FactBase) -> None:
    bound = set(base.facts["2021", COMPLAINTS].responsible)
    for limit in base.limits.values():
        if limit.kind == "service_standard" and right_of(limit.topic) and bound & set(limit.responsible):
            assert "Right 12" in as_text(letter(duty=limit.id))
        else:
            with pytest.raises(ValueError, match=limit.id):
                letter(duty=limit.id)


@pytest.mark.parametrize(
    ("duty", "body", "to"),
    [
        ("hearing_date", None, "The Witness Care Unit"),
        ("expenses_paid", None, "The Crown Prosecution Service (CPS)"),
        ("hmcts_complaint", None, "HM Courts and Tribunals Service"),
        ("vlo_contact", None, "The Probation Service"),
        ("vcs_referral", "Probation Service", "The Probation Service"),
    ],
)
def test_the_letter_goes_to_the_body_responsible(letter: Letter, duty: str, body: str | None, to: str) -> None:
    assert f"To: {to}" in as_text(letter(duty=duty, body=body))


@pytest.mark.parametrize("wrong", [{"duty": "nothing"}, {"body": "bank"}, {"wants": ["revenge"]}])
def test_what_does_not_exist_is_refused(letter: Letter, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        letter(**wrong)


def test_a_letter_to_the_police_warns_who_fears_someone_there_but_not_in_the_letter(
    letter: Letter, phrases: PapersPhrases
) -> None:
    warning = phrases.complaint.police_suspect
    assert warning in [line.text for line in letter().notes]
    assert warning not in as_text(letter())
    assert warning not in [line.text for line in letter(duty="expenses_paid").notes]


def test_a_letter_about_an_arrest_has_no_last_day_and_the_custody_line_beside_it(
    letter: Letter, base: FactBase
) -> None:
    paper = letter(duty="suspect_arrested", last_day=date(2026, 11, 17))
    assert "17 November" not in as_text(paper)
    assert base.limits["suspect_arrested"].say_with in [line.text for line in paper.notes]


# ------------------------------------------------------------------------------------------------ statement
def test_the_outline_has_headings_and_questions_and_room_to_write(phrases: PapersPhrases) -> None:
    text = as_text(statement_outline({}, phrases, Writer()))
    for section in phrases.statement.sections:
        assert section.heading in text
        assert all(question in text for question in section.questions)
    assert text.count("_" * 40) == len(phrases.statement.sections)


def test_what_was_typed_stands_under_its_heading(phrases: PapersPhrases) -> None:
    text = as_text(statement_outline({"feelings": "I sleep badly."}, phrases, Writer()))
    feelings, days = (next(s.heading for s in phrases.statement.sections if s.id == name) for name in
                      ("feelings", "days"))  # fmt: skip
    assert text.index(feelings) < text.index("I sleep badly.") < text.index(days)


def test_what_to_leave_out_is_told_but_no_part_of_the_statement(phrases: PapersPhrases) -> None:
    paper = statement_outline({}, phrases, Writer())
    notes = " ".join(line.text for line in paper.notes)
    for part in ("What happened in the crime", "The punishment you want", "Your address", "new phone number"):
        assert part in notes
        assert part not in as_text(paper)


def test_an_unknown_section_is_refused(phrases: PapersPhrases) -> None:
    with pytest.raises(ValueError, match="nothing"):
        statement_outline({"nothing": "x"}, phrases, Writer())


# ------------------------------------------------------------------------------------------------ sheet
def test_the_sheet_holds_the_rows_of_the_clock_and_the_topics(
    phrases: PapersPhrases, clock: ClockPhrases, answers: Answers, base: FactBase
) -> None:
    chosen = rows(base, "suspect_charged", "date_of_crown_court_sentence", "suspect_arrested")
    text = as_text(sheet(phrases, clock, answers, chosen, "right_06/charge_decision", stage="Someone was charged."))
    assert "Someone was charged." in text
    for row in chosen:
        assert words(row, clock) in text
    assert text.index(phrases.sheet.own) < text.index("Attorney General") < text.index(phrases.sheet.owed)
    assert answers.catalogue.title("right_06/charge_decision", base.edition_on(TODAY)) in text
    assert "From: Right 6" in text


def test_the_sheet_of_someone_without_dates_says_so(
    phrases: PapersPhrases, clock: ClockPhrases, answers: Answers
) -> None:
    assert phrases.sheet.nothing in as_text(sheet(phrases, clock, answers, []))


def test_what_may_also_apply_stands_apart_and_hedged(
    phrases: PapersPhrases, clock: ClockPhrases, answers: Answers, base: FactBase
) -> None:
    events = [Happened(event="date_of_crown_court_sentence", on=date(2026, 11, 10))]
    hedged = Clock(base).hedged(events, today=TODAY, area="West Midlands", edition=base.edition_on(TODAY))
    text = as_text(sheet(phrases, clock, answers, [], hedged=hedged))
    assert text.index(phrases.sheet.hedged) < text.index("If you were harmed or bereaved")
    assert phrases.sheet.hedged_note in text


def test_only_contacts_with_a_number_or_page_are_named(
    phrases: PapersPhrases, clock: ClockPhrases, answers: Answers
) -> None:
    contacts = [Contact(name="A Service", number="0800 000000"), Contact(name="Another")]
    text = as_text(sheet(phrases, clock, answers, [], contacts=contacts))
    assert "A Service: 0800 000000" in text
    assert "Another" not in text


def test_outside_demonstration_mode_unapproved_answers_stay_out(
    phrases: PapersPhrases, clock: ClockPhrases, answers: Answers, base: FactBase
) -> None:
    entry = answers.catalogue.entry("right_06/charge_decision", base.edition_on(TODAY))
    assert entry is not None
    assert answers.catalogue.state(entry) != "approved"
    text = as_text(sheet(phrases, clock, answers, [], "right_06/charge_decision", demo=False))
    assert entry.answer.strip() not in text


# ------------------------------------------------------------------------------------------------ HTML
def test_html_is_escaped(letter: Letter) -> None:
    html = as_html(letter(what_happened=NASTY))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {body} &amp; &#39;x&#39;" in html


def test_html_keeps_the_lines_a_person_typed(letter: Letter) -> None:
    assert "One.<br>Two." in as_html(letter(what_happened="One.\r\nTwo."))


def test_html_has_no_styles_or_scripts_of_its_own(letter: Letter) -> None:
    assert not re.search(r"\bstyle=|<style|<script|\bon\w+=", as_html(letter()))


def test_notes_can_be_left_out_of_the_html(letter: Letter) -> None:
    assert "paper-notes" in as_html(letter())
    assert "paper-notes" not in as_html(letter(), notes=False)


# ------------------------------------------------------------------------------------------------ .docx
def opened(paper: Paper) -> Any:
    return docx.Document(io.BytesIO(as_docx(paper)))


def test_the_file_name_tells_nothing() -> None:
    assert FILE_NAME == "document.docx"


def test_the_file_holds_no_title_author_or_date_in_its_properties(letter: Letter) -> None:
    properties = opened(letter(what_happened="x")).core_properties
    for name in ("author", "category", "comments", "content_status", "identifier", "keywords", "language",
                 "last_modified_by", "subject", "title", "version"):  # fmt: skip
        assert getattr(properties, name) == "", name
    assert {properties.created, properties.modified, properties.last_printed} == {
        datetime(2000, 1, 1, tzinfo=timezone.utc)
    }
    assert properties.revision == 1


def test_words_of_the_case_stand_in_the_body_of_the_file_only(letter: Letter) -> None:
    content = as_docx(letter(what_happened="I heard it from a friend."))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            found = re.search(rb"complain|victim|police|crime|friend|python-docx", parts.read(name), re.IGNORECASE)
            assert (found is not None) == (name == "word/document.xml"), name


def test_the_file_says_what_the_text_says(letter: Letter) -> None:
    paper = letter(what_happened="I heard it from a friend.", wants=["apology"])
    in_file = [paragraph.text for paragraph in opened(paper).paragraphs]
    assert [line.removeprefix("• ") for line in as_text(paper).splitlines() if line] == in_file


@given(st.text())
def test_whatever_is_typed_makes_a_file(text: str) -> None:
    paper = Paper(title=Writer().line("x"), blocks=[own_words(text)])
    assert opened(paper).paragraphs[0].text == "x"
    assert as_html(paper)
    assert as_text(paper)


# ------------------------------------------------------------------------------------------------ two languages
def test_the_english_stands_beside_a_translation(letter: Letter, phrases: PapersPhrases) -> None:
    opening = phrases.complaint.opening
    writer = Writer("pl", translated("pl", **{opening: "Chcę złożyć skargę."}))
    paper = letter(writer)
    assert paper.bilingual
    assert f"Chcę złożyć skargę.\n{opening}" in as_text(paper)
    html = as_html(paper)
    assert '<p lang="pl" dir="ltr">Chcę złożyć skargę.</p>' in html
    assert 'class="paper-english" lang="en"' in html
    assert [cell.text for cell in opened(paper).tables[0].rows[0].cells] == ["Chcę złożyć skargę.", opening]


def test_a_line_that_is_not_translated_is_english_alone(letter: Letter, phrases: PapersPhrases) -> None:
    paper = letter(Writer("pl", translated("pl", **{phrases.complaint.opening: "Chcę złożyć skargę."})))
    english = phrases.complaint.reply_reason
    assert as_text(paper).count(english) == 1
    assert f'<p lang="en" dir="ltr">{english}</p>' in as_html(paper)


def test_without_translations_a_paper_is_english(letter: Letter) -> None:
    assert as_text(letter(Writer("pl"))) == as_text(letter())
    assert not letter(Writer("pl")).bilingual


def test_dates_are_said_in_both_languages(letter: Letter, phrases: PapersPhrases) -> None:
    writer = Writer("pl", translated("pl", **{phrases.complaint.happened_on: "Było to {day}."}))
    text = as_text(letter(writer, happened_on=date(2026, 11, 10)))
    assert "Było to wtorek, 10 listopada 2026." in text
    assert "happened on Tuesday 10 November 2026." in text


def test_the_duty_is_said_in_both_languages(letter: Letter, phrases: PapersPhrases, clock: ClockPhrases) -> None:
    texts = {phrases.complaint.should: "Kodeks: {what}.", clock.what["suspect_charged"]: "policja musi powiadomić"}
    text = as_text(letter(Writer("pl", translated("pl", **texts))))
    assert "Kodeks: policja musi powiadomić." in text
    assert "What the Code says: The police must tell you about the charge" in text


def test_a_paper_for_oneself_can_be_in_the_language_alone(phrases: PapersPhrases) -> None:
    heading = phrases.statement.sections[0].heading
    writer = Writer("pl", translated("pl", **{heading: "Moje ciało"}), english_beside=False)
    text = as_text(statement_outline({}, phrases, writer))
    assert "Moje ciało" in text
    assert heading not in text


def test_right_to_left_is_kept_in_html_and_file(letter: Letter, phrases: PapersPhrases) -> None:
    paper = letter(Writer("ur", translated("ur", **{phrases.complaint.opening: "میں شکایت کرنا چاہتا ہوں۔"})))
    assert '<p lang="ur" dir="rtl">' in as_html(paper)
    english, spoken = opened(paper).tables[0].rows[0].cells
    assert spoken.paragraphs[0]._p.pPr.find(qn("w:bidi")) is not None
    assert english.paragraphs[0].text == phrases.complaint.opening


def test_typed_words_are_never_taken_for_ours(letter: Letter) -> None:
    html = as_html(letter(what_happened="میں نے پوچھا"))
    assert '<p dir="auto">میں نے پوچھا</p>' in html


# ------------------------------------------------------------------------------------------------ words and files
def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, one in value.items() if key not in ("id", "link") for text in leaves(one)]
    if isinstance(value, list):
        return [text for one in value for text in leaves(one)]
    return [value] if isinstance(value, str) and value else []


def test_the_words_are_plain_and_calm() -> None:
    texts = leaves(yaml.safe_load((DATA / "conversation" / "papers.en.yml").read_text(encoding="utf-8")))
    grades = [textstat.flesch_kincaid_grade(text) for text in texts if len(text.split()) > 5]
    assert median(grades) <= 6
    for text in texts:
        assert not re.search(r"!|too late|alleged|complainant|deleted everywhere|no trace|entitled", text), text


@pytest.mark.parametrize("part", ["bodies", "wants"])
def test_a_file_that_lacks_a_part_is_named(tmp_path: Path, part: str) -> None:
    for folder in ("conversation", "code"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    file = tmp_path / "conversation" / "papers.en.yml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if part == "bodies":
        del content["complaint"]["bodies"]["police"]
    else:
        del content["complaint"]["wants"]
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DataError, match=r"papers\.en\.yml"):
        load_papers_phrases(tmp_path)
