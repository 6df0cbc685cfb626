"""The content check: every answer held against the facts and the house style (shared/content-guide.md, issue 3).

`check_content` gives one line for each problem: `file: topic: what is wrong and what to do`. A line of the check is
a rule below; rules about one entry take a `Subject`. The words a rule looks for stand at the head of this file.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec
import textstat

from bot.data_files import DataError, load
from bot.rights.answers import Answers, FollowUp, Situation
from bot.rights.approvals import FILE as APPROVALS
from bot.rights.approvals import approval_problems, entry_files
from bot.rights.catalogue import (
    CUSTODY_LINE,
    LIMITS,
    SITUATIONS,
    Catalogue,
    Entry,
    SituationText,
    load_catalogue,
)
from bot.rights.facts import Fact, Place, TimeLimit, TopicFacts
from bot.rights.phrases import load_phrases
from bot.settings import Settings

MOST_WORDS = 45
MOST_WORDS_IN_POINT = 25
MOST_IN_TITLE = 45
MEDIAN_GRADE = 6.0
WORST_GRADE = 9.0
NEAR_COPY = 0.5
SHOWN_PHONES = {"999", "101", "111", "55"}

_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_AMOUNT = {word: number for number, word in enumerate(_NUMBERS)} | _TENS
_UNIT = r"(?:minute|hour|day|night|week|weekend|fortnight|month|year)s?"
_DURATION = re.compile(
    rf"\b(?:(?P<number>\d+(?:\.\d+)?|an?|half an?|{'|'.join(_AMOUNT)})"
    rf"(?: and a half)?(?:[ -](?:working|calendar|clear|full|whole|more))?[ -]{_UNIT}"
    r"|(?:last|past|next) (?:hour|week|month|year)|(?:a )?fortnight|overnight)\b",
    re.IGNORECASE,
)
# Said of a fact or limit that is not certain ("A fact marked recalled is worded usually or ask them to confirm").
_HEDGE = re.compile(
    r"\b(?:usually|normally|generally|often|sometimes|mostly|likely|may|might|aims?|in most cases|"
    r"in (?:some|pilot) areas|on trial|pilot|where possible|ask [^.]*\bconfirm|not (?:always|sure))\b",
    re.IGNORECASE,
)
# "What we never say" and "Tone" of the content guide, and "Tell nobody it is too late" of shared/protection.md.
_BANNED = {
    r"!": "an exclamation mark: end with a full stop",
    r"[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]": "an emoji: leave it out",
    r"\bcomplainants?\b": "say you, or the victim",
    r"\balleg(?:ed|edly)\b": "say the suspect, or what the person says happened",
    r"\btoo late\b": "say who can still take a late request, and to ask anyway",
    r"\bon time\b": "say: you can ask today",
    r"\b(?:over|past )due\b|\bdue (?:on |by )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b": "say: you can ask today",
    r"\bgone home\b": "say: has left the police station",
    r"\bdeleted everywhere\b": "say: we keep no copy, your device may",
    r"\bno trace\b": "say: we keep no copy, your device may",
    r"\bnothing is kept\b": "say: we keep no copy, your device may",
    r"\b(?:nobody|no one) is watching\b": "staff may be shown the chat in danger",
    r"\bon (?:its|the|their) way\b": "never promise help that we cannot send",
    r"\byou are (?:now )?safe\b": "never promise safety",
    r"\bconfidential\b": "say who can read it",
    r"\bhere for you\b": "nobody is: name who to ask",
    r"\bentitled to compensation\b": "say that you can ask for it",
    r"\bdid you\b": "it can sound like blame: ask nothing about what happened",
    r"\byou should(?:n't| not)? have (?!a\b|an\b|the\b|been given\b)": "it can sound like blame: say what helps now",
    r"\b(?:great|well done|congratulations|don't worry)\b": "no cheer: be calm and brief",
    r"\bunderstand exactly\b": "false closeness: leave it out",
    r"\b(?:RUI|NFA|OIC|outcome 1[45])\b(?!\))": "a system's word: say it in plain words, with the letters in brackets",
}
_BANNED_WORDS = {re.compile(pattern, re.IGNORECASE): why for pattern, why in _BANNED.items()}
_ABBREVIATION = re.compile(r"(?<![\w.])[A-Z][A-Z&]*[A-Z](?:s\b|\b)(?!\.[A-Z])")
# Known to everyone, or part of a name; GOV.UK is not one by its dot.
_EVERYDAY = {"UK", "HM", "NHS", "MP", "TV", "ID", "PIN", "II", "OK"}
_CUSTODY = re.compile(r"\b(?:arrest|releas|bail|remand|appeal|escap)\w*", re.IGNORECASE)
# Names of bodies, which say nothing about whether anyone is held.
_COURT_NAMES = re.compile(r"\b(?:Court of Appeal|Court of Criminal Appeal|appeal tribunal)\b", re.IGNORECASE)
# Topics that use such a word of something else, each with what it is about.
_NOT_CUSTODY = {
    "code/list_rights": "lists the 12 rights, of which one has news of an appeal",
    "code/victim_and_accused": "the reader is the one arrested or on bail",
    "right_05/cica_review": "the reader's own appeal about compensation",
    "right_07/changing_a_vps": "when a new statement may be made, behind Tell me more",
    "right_10/property_returned": "how long the police keep things",
    "right_12/response_times": "the reader's own appeal about a complaint",
}
# Pressure and punishment stay behind Tell me more (shared/protection.md, "Words that mislead").
_BEHIND_MORE = {
    topic: re.compile(r"\b(?:summons\w*|warrant|fined?|prison|jail|contempt|punish\w*|offence)\b", re.IGNORECASE)
    for topic in ("right_06/withdrawing", "right_08/do_i_have_to_go")
}
_WEB = re.compile(r"https?:|\bwww\.|@|\b(?:[a-z0-9-]+\.)+(?:uk|org|com|net|info|police)\b")
_PHONE = re.compile(
    r"(?P<long>\+\d[\d ]{6,}|(?<![£\d.,])\b\d(?:[ -]?\d){4,}\b(?!,))"
    r"|\b(?:ring|call|calling|dial|text|phone|press|number)s? (?:on |to )?(?P<said>\d[\d ]*\d)\b"
    r"|\b(?P<short>1(?:05|12|16|18|19|23|59))\b(?! (?:people|cases|pounds))",
    re.IGNORECASE,
)


class LinkHosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/code/link-hosts.yml: hosts an answer may link to, without `www.`."""

    version: int
    hosts: list[str]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with what it is held against."""

    entry: Entry
    facts: TopicFacts
    catalogue: Catalogue
    answers: Answers
    situation: Situation
    hosts: frozenset[str]

    @property
    def first_read(self) -> list[str]:
        """The words of the answer as it comes: before any follow-up."""
        return [self.entry.answer, *self.entry.means, self.entry.if_not_met]

    @property
    def texts(self) -> list[str]:
        """All words of the entry that are read as running text, in the order in which they are met."""
        entry = self.entry
        return [*self.first_read, entry.who, entry.how_long or "", *entry.more, entry.who_it_is_for]

    @property
    def used(self) -> list[Fact]:
        """The facts that the entry names."""
        return [fact for fact in self.facts.facts if fact.number in self.entry.facts]

    def limits(self, *places: Place) -> list[TimeLimit]:
        """The topic's time limits in these places."""
        return [self.catalogue.base.limits[place.id] for place in self.facts.time_limits if place.in_answer in places]

    def first_bubble(self) -> str:
        """The first bubble as it is composed."""
        return self.answers.answer(self.entry.id, self.situation)[0].text

    def follow_up(self, kind: FollowUp) -> str:
        """A follow-up as it is composed."""
        return self.answers.follow_up(self.entry.id, kind, self.situation)[0].text


def check_content(data: Path, today: date | None = None) -> list[str]:
    """Hold all English answers against the facts, the house style and their approvals.

    Args:
        data: the data folder.
        today: the day whose edition must be complete; the day it is by default.

    Returns:
        One line for each problem, `file: topic: what is wrong and what to do`; empty when the content is clean.
    """
    try:
        catalogue = load_catalogue(data)
        phrases = load_phrases(data)
        files = entry_files(data, catalogue.language)
        hosts = load(data / "code" / "link-hosts.yml", LinkHosts).hosts
        edition = catalogue.edition(today or date.today())
        approvals = list(approval_problems(data, catalogue))
    except DataError as error:
        return [_relative(str(error), data)]
    folder = f"data/rights/{catalogue.language}"
    found = [f"data/{APPROVALS}: {text}: {what}" for text, what in approvals]
    found += [f"{folder}/{LIMITS}: {what}" for what in _limit_words(catalogue)]
    found += [f"{folder}/{SITUATIONS}: {what}" for what in _situations(catalogue)]
    worded = not any(limit not in catalogue.words.limits for limit in catalogue.base.limits)
    for topic in catalogue.base.topics:
        if (edition.id, topic) not in catalogue.entries:
            found.append(f"{folder}: {topic}: has no answer in the edition {edition.id}. Write one.")
    answers = Answers(catalogue, phrases)
    starts = {known.id: known.starts for known in catalogue.base.editions}
    for (of, topic), entry in catalogue.entries.items():
        where = f"{_relative(str(files[of, topic]), data)}: {topic}"
        facts = catalogue.base.facts.get((of, topic))
        if facts is None:
            found.append(f"{where}: has no facts in the edition {of}. Add them to data/code/facts.")
            continue
        day = (today or date.today()) if of == edition.id else starts[of]
        subject = Subject(
            entry=entry,
            facts=facts,
            catalogue=catalogue,
            answers=answers,
            situation=Situation(today=day, area=Settings().area, demo=True),
            hosts=frozenset(hosts),
        )
        rules = [*_ENTRY_RULES, *_COMPOSED_RULES] if worded else _ENTRY_RULES
        found += dict.fromkeys(f"{where}: {what}" for rule in rules for what in rule(subject))
    entries = {topic: entry for (of, topic), entry in catalogue.entries.items() if of == edition.id}
    for topic, what in [*_near_copies(entries), *_median_grade(entries)]:
        file = files.get((edition.id, topic))
        found.append(f"{_relative(str(file), data) if file else folder}: {topic}: {what}")
    return found


def grade(entry: Entry) -> float:
    """Flesch-Kincaid grade of what is read at once: the answer and what it means."""
    return float(textstat.flesch_kincaid_grade(" ".join([entry.answer.strip(), *entry.means])))


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of two texts' character trigrams: 0 nothing in common, 1 the same."""
    first, second = _trigrams(one), _trigrams(other)
    return len(first & second) / len(first | second)


def durations(text: str) -> list[str]:
    """The durations that stand in a text, in the same form however they are written: `6 month` for "six months"."""
    return [_plain_duration(match[0]) for match in _DURATION.finditer(text)]


def _trigrams(text: str) -> set[str]:
    plain = " ".join(re.findall(r"\w+", text.lower()))
    return {plain[i : i + 3] for i in range(len(plain) - 2)}


def _plain_duration(text: str) -> str:
    words = text.lower().replace("-", " ").split()
    plain = [str(_AMOUNT[word]) if word in _AMOUNT else "1" if word in ("a", "an") else word for word in words]
    return " ".join(plain).removesuffix("s")


def _relative(text: str, data: Path) -> str:
    """Paths in a line start at data/, wherever the folder is."""
    return text.replace(str(data), "data")


# --- What an entry says -------------------------------------------------------------------------------------------


def _shape(subject: Subject) -> Iterator[str]:
    """The shape of an answer (content guide): a short answer, up to three points, one or two links, ways on."""
    entry = subject.entry
    if (words := len(entry.answer.split())) > MOST_WORDS:
        yield f"the answer has {words} words. Cut it to {MOST_WORDS}; details belong behind Tell me more."
    if len(entry.title) > MOST_IN_TITLE:
        yield f"the title has {len(entry.title)} characters. A button holds {MOST_IN_TITLE}."
    if not 1 <= len(entry.means) <= 3:
        yield f"there are {len(entry.means)} points under what it means. Give one to three."
    for point in entry.means:
        if len(point.split()) > MOST_WORDS_IN_POINT:
            yield f"the point {point[:40]!r}... has over {MOST_WORDS_IN_POINT} words. Split or cut it."
    if not 1 <= len(entry.links) <= 2:
        yield f"there are {len(entry.links)} links. Give one or two."
    for name in ("answer", "who", "if_not_met", "who_it_is_for"):
        if not getattr(entry, name).strip():
            yield f"{name} is empty. Write it."
    shown = bool(subject.limits("first", "more"))
    if shown and entry.how_long:
        yield "has how_long although time limits of the facts answer that. Remove how_long."
    if not shown and not entry.how_long:
        yield "has no time limit in the facts. Say in how_long that there is none and what to do."


def _reading_age(subject: Subject) -> Iterator[str]:
    """Flesch-Kincaid grade of the answer and what it means: none above 9."""
    if (level := grade(subject.entry)) > WORST_GRADE:
        yield f"reads at grade {level:.1f}. Use shorter words and sentences, until it is {WORST_GRADE:.0f} or less."


def _duration_facts(subject: Subject) -> Iterator[str]:
    """No duration stands in the words but the listed ones, each from a fact; figures as figures."""
    entry = subject.entry
    listed = {_plain_duration(duration): duration for duration in entry.durations}
    known = {duration for fact in subject.used for duration in durations(fact.text)}
    plain = {
        duration for fact in subject.used if fact.in_answer in (None, "first") for duration in durations(fact.text)
    }
    said: set[str] = set()
    for text in subject.texts:
        for match in _DURATION.finditer(text):
            duration = _plain_duration(match[0])
            said.add(duration)
            if duration not in listed:
                yield f"says {match[0]!r}, which is not in its durations. Leave time limits to the facts, or list it."
            elif duration not in plain and duration in known and text not in entry.more:
                yield f"says {match[0]!r} in the open. Its fact belongs behind Tell me more: move it to more."
            if (match["number"] or "").lower() in _AMOUNT and match["number"].lower() not in ("zero", "one"):
                yield f"says {match[0]!r}. Write the number as a figure."
    for duration, written in listed.items():
        if duration not in said:
            yield f"lists the duration {written!r}, which its words do not say. Remove it from durations."
        if duration not in known:
            yield f"lists the duration {written!r}, which stands in no fact that it names. Name the fact or remove it."


def _hedges(subject: Subject) -> Iterator[str]:
    """What is recalled, unconfirmed, a pilot or of an earlier edition is listed, and not worded as a promise."""
    entry = subject.entry
    unsure = {fact.number for fact in subject.used if not fact.sure}
    if missing := sorted(unsure - set(entry.hedged)):
        yield f"rests on facts {missing}, which are not certain. Hedge their words and list them in hedged."
    if extra := sorted(set(entry.hedged) - unsure):
        yield f"lists facts {extra} in hedged, which are certain or not used. Say them plainly and remove them."
    if entry.hedged and not _HEDGE.search(" ".join(subject.texts)):
        yield "rests on facts that are not certain, but says nothing like usually, may or ask them to confirm."
    if not entry.facts:
        yield "names no facts. Name those that its words rest on."


def _links(subject: Subject) -> Iterator[str]:
    """Links go to allowed hosts, safely, and only to addresses of the topic's own facts."""
    named = [*(link.url for link in subject.facts.links), *(fact.source or "" for fact in subject.facts.facts)]
    known = {re.sub("^http:", "https:", url) for url in named}
    for link in subject.entry.links:
        address = urlsplit(link.url)
        if address.scheme != "https":
            yield f"links to {link.url}, which is not https. Use the https address."
        if (address.hostname or "").removeprefix("www.") not in subject.hosts:
            yield f"links to {link.url}, whose host is not in data/code/link-hosts.yml. Use an official page."
        if re.sub("^http:", "https:", link.url) not in known:
            yield f"links to {link.url}, which the facts of the topic do not name. Use one of their links."


def _related(subject: Subject) -> Iterator[str]:
    """Related topics lead on: there is one at least, none is this one, none comes twice. Loading proves they exist."""
    entry = subject.entry
    if not entry.related:
        yield "has no related topics. An answer is never a dead end: name one to four."
    if entry.id in entry.related:
        yield "is related to itself. Name another topic."
    for topic, times in Counter(entry.related).items():
        if times > 1:
            yield f"names {topic} as related {times} times. Keep one."


def _attached(subject: Subject) -> Iterator[str]:
    """Fixed lines of the fact base stand with the answer.

    An answer is the same for everyone, so a line that depends on what the person says stands there always.
    """
    for line in subject.facts.attach:
        if line.id not in subject.entry.fixed_lines:
            yield f"lacks the fixed line {line.id}, which the facts attach to it. Add it to fixed_lines."


def _custody(subject: Subject) -> Iterator[str]:
    """Every answer about arrest, release, bail, remand, appeal or escape carries the custody line."""
    entry = subject.entry
    words = " ".join([entry.answer, *entry.means, *entry.more])
    said = sorted({match.lower() for match in _CUSTODY.findall(_COURT_NAMES.sub("", words))})
    clocks = [limit.id for limit in subject.limits("first", "more") if limit.never_on_time]
    carried = {subject.catalogue.fixed_line(line) for line in entry.fixed_lines}
    if entry.id in _NOT_CUSTODY and not said:
        yield "no longer says arrest, bail or the like. Remove it from _NOT_CUSTODY in bot/rights/check.py."
    if subject.catalogue.fixed_line(CUSTODY_LINE) in carried:
        return
    if clocks:
        yield f"shows {', '.join(clocks)} without the custody line. Add {CUSTODY_LINE} to fixed_lines."
    elif said and entry.id not in _NOT_CUSTODY:
        yield f"says {', '.join(said)} without the custody line. Add {CUSTODY_LINE} to fixed_lines."


def _behind_more(subject: Subject) -> Iterator[str]:
    """Someone who wants to withdraw gets choices first; summons and the like wait behind Tell me more."""
    words = _BEHIND_MORE.get(subject.entry.id)
    for text in [*subject.first_read, subject.entry.who] if words else []:
        if match := words and words.search(text):
            yield f"says {match[0]!r} in the open. It may sound like a threat: move it to more."


def _banned(subject: Subject) -> Iterator[str]:
    """Words we never say."""
    yield from _banned_in([*subject.texts, subject.entry.title])


def _banned_in(texts: list[str]) -> Iterator[str]:
    for text in texts:
        for pattern, instead in _BANNED_WORDS.items():
            if match := pattern.search(text):
                yield f"says {match[0]!r}: {instead}."


def _abbreviations(subject: Subject) -> Iterator[str]:
    """An abbreviation is expanded the first time.

    Follow-ups are read in any order after the answer, so each expands what the answer did not.
    """
    entry = subject.entry
    read = " ".join(subject.first_read)
    follow_ups = [entry.who, entry.how_long or "", " ".join([*entry.more, entry.who_it_is_for])]
    for text in [read, *(f"{read} {later}" for later in follow_ups)]:
        yield from _unexpanded(text)


def _unexpanded(text: str) -> Iterator[str]:
    met = set()
    for match in _ABBREVIATION.finditer(text):
        short = match[0].removesuffix("s")
        if short in met or short in _EVERYDAY:
            continue
        met.add(short)
        # "Crown Prosecution Service (CPS)", "(MARAC, a risk meeting)", "an adviser, or ISVA", "an ISVA (an adviser)".
        in_brackets = re.search(r"\((?:an? )?$|\w, or (?:an? )?$", text[: match.start()])
        explained = re.match(r" \(\w", text[match.end() :])
        if not in_brackets and not explained:
            yield f"says {short} before it is expanded. Write the name in full first, with ({short}) behind it."


def _no_addresses(subject: Subject) -> Iterator[str]:
    """Numbers and addresses come from the directory and the links, where they are checked; only four stand in words."""
    yield from _addresses_in(subject.texts)


def _addresses_in(texts: list[str]) -> Iterator[str]:
    for text in texts:
        if match := _WEB.search(text):
            yield f"has an address ({match[0]}) in its words. Put it in links, or name the service."
        for match in _PHONE.finditer(text):
            number = (match["long"] or match["said"] or match["short"]).strip()
            if number not in SHOWN_PHONES and not re.fullmatch(r"(?:19|20)\d\d", number):
                yield f"has the number {number} in its words. Name the service: its number is in data/services."


# --- What is composed from it -------------------------------------------------------------------------------------


def _placed(subject: Subject) -> Iterator[str]:
    """Limits marked `first` stand in the first bubble, `more` only behind Tell me more, `calculator` nowhere."""
    first = subject.first_bubble()
    at_once = "\n".join(reply.text for reply in subject.answers.answer(subject.entry.id, subject.situation))
    more, how_long = subject.follow_up("more"), subject.follow_up("how_long")
    for limit in subject.limits("first"):
        for text, where in ((first, "the first bubble"), (how_long, "the answer to how long")):
            if not _states(subject, limit, text):
                yield f"the time limit {limit.id} is missing from {where}, or without its figures. See {LIMITS}."
    for limit in subject.limits("more"):
        if _stands(subject, limit, at_once):
            yield f"the time limit {limit.id} stands in the open. It belongs behind Tell me more."
        if not _states(subject, limit, more):
            yield f"the time limit {limit.id} is missing behind Tell me more, or without its figures. See {LIMITS}."
    for limit in subject.limits("calculator"):
        if _stands(subject, limit, "\n".join([at_once, more, how_long])):
            yield f"the time limit {limit.id} is for the calculator only. Take it out of the answer."


def _limit_hedges(subject: Subject) -> Iterator[str]:
    """A limit that is not certain here is not worded as a promise."""
    shown = subject.follow_up("how_long")
    for limit in subject.limits("first", "more"):
        if limit.sure(subject.situation.area):
            continue
        for paragraph in _paragraphs(subject, limit, shown):
            if not _HEDGE.search(paragraph):
                yield f"the time limit {limit.id} is not certain, but worded as a promise. Hedge it in {LIMITS}."


def _say_with(subject: Subject) -> Iterator[str]:
    """A limit's own fixed line is said wherever the limit is."""
    shown = {
        "the first bubble": (subject.first_bubble(), subject.limits("first")),
        "how long": (subject.follow_up("how_long"), subject.limits("first", "more")),
        "Tell me more": (subject.follow_up("more"), subject.limits("more")),
    }
    for where, (text, limits) in shown.items():
        for limit in limits:
            if limit.say_with and limit.say_with not in text:
                yield f"{where} shows {limit.id} without the line that goes with it. Add {CUSTODY_LINE} to fixed_lines."


def _said_once(subject: Subject) -> Iterator[str]:
    """No line stands twice in one bubble."""
    for line, times in Counter(filter(None, subject.first_bubble().split("\n\n"))).items():
        if times > 1:
            yield f"the first bubble says {line[:40]!r}... {times} times. Take one out."


def _paragraphs(subject: Subject, limit: TimeLimit, text: str) -> list[str]:
    opening = subject.catalogue.words.limits[limit.id].partition("{time}")[0]
    return [paragraph for paragraph in text.split("\n\n") if paragraph.startswith(opening)]


def _stands(subject: Subject, limit: TimeLimit, text: str) -> bool:
    opening, _, end = subject.catalogue.words.limits[limit.id].partition("{time}")
    return opening in text and end in text


def _states(subject: Subject, limit: TimeLimit, text: str) -> bool:
    """The limit stands in a paragraph with both its figures, since what the person has is not known."""
    figures = {subject.answers.units(limit.standard), subject.answers.units(limit.enhanced)}
    return any(all(figure in paragraph for figure in figures) for paragraph in _paragraphs(subject, limit, text))


# --- All entries together -----------------------------------------------------------------------------------------


def _limit_words(catalogue: Catalogue) -> Iterator[str]:
    """Each time limit has one sentence with room for its figure, and no other figure or banned word in it."""
    words, limits = catalogue.words, catalogue.base.limits
    for name in [*limits.keys() - words.limits.keys()]:
        yield f"{name}: has no sentence. Write one with {{time}} in it."
    chained = {limit.id for limit in limits.values() if limit.latest_from_event}
    for name in sorted(chained ^ words.chains.keys()):
        yield f"{name}: chains must hold exactly the limits of two steps. Add or remove its sentence."
    for room, sentences in (("{time}", words.limits), ("{latest}", words.chains)):
        for name, sentence in sentences.items():
            if name not in limits:
                yield f"{name}: is not a time limit of data/code/time-limits.yml. Remove it."
            if sentence.count(room) != 1:
                yield f"{name}: must hold {room} once, where the figure goes."
            for match in _DURATION.finditer(sentence):
                yield f"{name}: says {match[0]!r}. The only figure is that of the facts, put in for {room}."
            yield from (f"{name}: {what}" for what in [*_banned_in([sentence]), *_unexpanded(sentence)])


def _situations(catalogue: Catalogue) -> Iterator[str]:
    """Each entry of situations.yml asks for what can be told and leads on; its line is short, hedged and in style."""
    told = get_type_hints(Situation)
    entries = catalogue.situations.situations
    for name, times in Counter(one.id for one in entries).items():
        if times > 1:
            yield f"{name}: stands there {times} times. Keep one."
    for one in entries:
        for name, values in one.when.items():
            if unknown := [value for value in values if value not in get_args(told.get(name))]:
                yield f"{one.id}: asks for {name} {', '.join(unknown)}, which nobody can tell."
        if not one.when:
            yield f"{one.id}: applies to everyone. Say in when for whom it is."
        if not one.buttons:
            yield f"{one.id}: has no buttons. Name the topic that fits."
        if one.text:
            yield from (f"{one.id}: {what}" for what in _situation_line(one, catalogue))


def _situation_line(one: SituationText, catalogue: Catalogue) -> Iterator[str]:
    known = catalogue.base.facts.get((catalogue.situations.edition, one.rests_on))
    used = [fact for fact in known.facts if fact.number in one.facts] if known else []
    unsure = sorted(fact.number for fact in used if not fact.sure)
    if not one.facts or len(used) != len(one.facts):
        yield "names no facts, or some that do not exist. Name the topic in rests_on and its facts."
    if sorted(one.hedged) != unsure:
        yield f"rests on facts {unsure} that are not certain, but lists {one.hedged} in hedged. List just these."
    if unsure and not _HEDGE.search(one.text):
        yield "rests on facts that are not certain, but says nothing like usually, may or ask them to confirm."
    if not one.said_in:
        yield "has a line, but no topic in said_in where it helps."
    if (words := len(one.text.split())) > MOST_WORDS_IN_POINT:
        yield f"the line has {words} words. Cut it to {MOST_WORDS_IN_POINT}."
    if (level := float(textstat.flesch_kincaid_grade(one.text))) > WORST_GRADE:
        yield f"reads at grade {level:.1f}. Use shorter words and sentences, until it is {WORST_GRADE:.0f} or less."
    for match in _DURATION.finditer(one.text):
        yield f"says {match[0]!r}. Leave time limits to the facts."
    for word in _CUSTODY.findall(one.text):
        yield f"says {word!r}, which needs the custody line. Leave it to the answers."
    yield from [*_banned_in([one.text]), *_unexpanded(one.text), *_addresses_in([one.text])]


def _near_copies(entries: dict[str, Entry]) -> Iterator[tuple[str, str]]:
    """No two answers are near-copies: each says what its own question asks."""
    trigrams = [(topic, _trigrams(entry.answer)) for topic, entry in entries.items()]
    for place, (topic, first) in enumerate(trigrams):
        for other, second in trigrams[:place]:
            alike = len(first & second) / max(1, len(first | second))
            if alike >= NEAR_COPY:
                yield topic, f"its answer is nearly that of {other} ({alike:.2f}). Say what this question asks."


def _median_grade(entries: dict[str, Entry]) -> Iterator[tuple[str, str]]:
    """Flesch-Kincaid grade of the answers: median at most 6."""
    if entries and (middle := median(map(grade, entries.values()))) > MEDIAN_GRADE:
        yield "all", f"the answers read at grade {middle:.1f} in the middle. Simplify until it is {MEDIAN_GRADE:.0f}."


_ENTRY_RULES = (
    _shape,
    _reading_age,
    _duration_facts,
    _hedges,
    _links,
    _related,
    _attached,
    _custody,
    _behind_more,
    _banned,
    _abbreviations,
    _no_addresses,
)
_COMPOSED_RULES = (_placed, _limit_hedges, _say_with, _said_once)
