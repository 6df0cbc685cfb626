"""Composing an answer: approved words, the time limits from the fact base, and the order of docs/content.

The first bubble holds the answer, its time limits and fixed lines; the second what it means, the next step and the
buttons; everything else waits behind Tell me more. Nothing is generated: words come from data/, figures from
data/code/.
"""

import re
from datetime import date
from typing import Literal

import msgspec
from babel import Locale

from bot.conversation.messages import Button, Link, Reply, Source
from bot.rights.catalogue import Catalogue, Entry, SituationText
from bot.rights.facts import Edition, Place, TimeLimit, right_of
from bot.rights.phrases import Phrases

Enhanced = Literal["yes", "no", "likely", "unknown"]
AgeGroup = Literal["under_13", "under_18", "adult", "unknown"]
About = Literal["me", "my_child", "someone", "unknown"]
YesNo = Literal["yes", "no", "unknown"]
Stage = Literal["investigation", "charged", "trial", "sentenced", "unknown"]
FollowUp = Literal["how_long", "who", "what_if_not", "source", "more"]
INTENT_MARK = "__"
ENHANCED_RIGHTS = "code/enhanced_rights"
ENHANCED_CHECK = "/enhanced_check"
# A sentence that already tells whom to ask needs no second hedge behind it.
_ASKS = re.compile(r"\bask\b[^.]*\bconfirm", re.IGNORECASE)


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What bears on an answer besides the question: the day, the area, the mode, and what the person chose to tell.

    What was told is about the one it happened to, `about` says who that is. What was not told is unknown.
    """

    today: date
    area: str
    demo: bool
    enhanced: Enhanced = "unknown"
    age_group: AgeGroup = "unknown"
    about: About = "unknown"
    bereaved: YesNo = "unknown"
    reported: YesNo = "unknown"
    stage: Stage = "unknown"

    @property
    def enhanced_rights(self) -> Enhanced:
        """Whether there are enhanced rights: as told; likely for a child or a bereaved family, even after a "no"."""
        if self.enhanced == "yes":
            return "yes"
        child = self.age_group in ("under_13", "under_18") or self.about == "my_child"
        return "likely" if child or self.bereaved == "yes" else self.enhanced

    def fits(self, text: SituationText) -> bool:
        """Whether all that an entry of situations.yml asks for was told."""
        return all(getattr(self, name, None) in values for name, values in text.when.items())


def intent_of(topic: str) -> str:
    """Rasa's name for a topic: Rasa trains only the first half of an intent with a slash in it."""
    return topic.replace("/", INTENT_MARK)


def topic_of(intent: str) -> str:
    """The topic an intent stands for."""
    return intent.replace(INTENT_MARK, "/", 1)


class Answers:
    """Answers in one language.

    Args:
        catalogue: the words and the facts.
        phrases: headings, buttons and units of the same language.
    """

    def __init__(self, catalogue: Catalogue, phrases: Phrases) -> None:
        self.catalogue = catalogue
        self.phrases = phrases

    def answer(self, topic: str, situation: Situation) -> list[Reply]:
        """The answer to a question about a topic.

        Args:
            topic: an id of data/code/topics.yml.
            situation: day, area, mode, and what the person chose to tell.

        Returns:
            Two replies; one where the words are not written, or not approved outside demonstration mode.
        """
        edition = self.catalogue.edition(situation.today)
        entry = self._servable(topic, edition, situation)
        if entry is None:
            return [self._not_served(topic, edition)]
        say = self.phrases
        limits = self.time_limits(topic, situation, "first")
        first = [entry.answer.strip(), *limits]
        first += self._fixed_lines(entry)
        first += self._situation_line(topic, edition, situation)
        means = [f"• {point}" for point in entry.means]
        second = [say.means, *means, "", say.if_not_met, entry.if_not_met.strip()]
        return [
            self._reply(topic, edition, "\n\n".join(first), source=self._source(entry, edition, topic), limits=limits),
            self._reply(
                topic,
                edition,
                "\n".join(second),
                links=[Link(title=link.title, url=link.url) for link in entry.links],
                buttons=self._buttons(topic, entry, situation),
            ),
        ]

    def follow_up(self, topic: str, kind: FollowUp, situation: Situation) -> list[Reply]:
        """The answer to a question about the last answer.

        Args:
            topic: the topic last answered.
            kind: what is asked: how long, who, what if not, where from, or tell me more.
            situation: as for `answer`.
        """
        edition = self.catalogue.edition(situation.today)
        entry = self._servable(topic, edition, situation)
        if entry is None:
            return [self._not_served(topic, edition)]
        say = self.phrases
        fixed = self._fixed_lines(entry)
        if kind == "who":
            parts = [entry.who.strip()]
        elif kind == "what_if_not":
            parts = [entry.if_not_met.strip()]
        elif kind == "source":
            parts = [self._source(entry, edition, topic).text]
        elif kind == "how_long":
            limits = [
                *self.time_limits(topic, situation, "first"),
                *self.time_limits(topic, situation, "more"),
            ]
            parts = limits or [(entry.how_long or say.no_fixed_time).strip()]
            parts += fixed
        else:
            parts = ["\n".join(f"• {point}" for point in entry.more)]
            parts += [f"{say.who_it_is_for} {entry.who_it_is_for.strip()}"]
            parts += self.time_limits(topic, situation, "more")
            parts += fixed
        return [
            self._reply(
                topic,
                edition,
                "\n\n".join(parts),
                source=self._source(entry, edition, topic),
                links=[Link(title=link.title, url=link.url) for link in entry.links],
                buttons=[
                    *self.topic_buttons(entry.related[: 3 if kind == "more" else 2], situation),
                    Button(title=say.talk_to_a_person, payload="/speak_to_human"),
                ],
            )
        ]

    def time_limits(self, topic: str, situation: Situation, place: Place) -> list[str]:
        """Sentences for a topic's time limits that stand in `place`, with their fixed lines, each line once."""
        facts = self.catalogue.facts(topic, self.catalogue.edition(situation.today))
        lines: list[str] = []
        for limit in facts.time_limits if facts else []:
            if limit.in_answer == place:
                lines.append(self._limit(self.catalogue.base.limits[limit.id], situation))
        return lines

    def choices(self, topics: list[str], text: str, situation: Situation) -> Reply:
        """Named choices between topics, with "none of these"."""
        return Reply(
            text=text,
            display="choice",
            language=self.catalogue.language,
            buttons=[
                *self.topic_buttons(topics, situation),
                Button(title=self.phrases.none_of_these, payload="/none_of_these"),
            ],
        )

    def _fixed_lines(self, entry: Entry) -> list[str]:
        """The fixed lines of an answer; two of them may have the same words, which are said once."""
        return list(dict.fromkeys(self.catalogue.fixed_line(line) for line in entry.fixed_lines))

    def _situation_line(self, topic: str, edition: Edition, situation: Situation) -> list[str]:
        """The one line that this person's situation adds to an answer, if one helps there."""
        known = self.catalogue.situations
        if known.edition != edition.id or not (situation.demo or self.catalogue.situations_approved()):
            return []
        return [one.text for one in known.situations if one.helps_in(topic) and situation.fits(one)][:1]

    def fitting_topics(self, situation: Situation) -> list[str]:
        """Topics that fit what the person has told, the best first."""
        fitting = [one.buttons for one in self.catalogue.situations.situations if situation.fits(one)]
        return list(dict.fromkeys(topic for topics in fitting for topic in topics))

    def topic_buttons(self, topics: list[str], situation: Situation) -> list[Button]:
        """A button for each topic."""
        edition = self.catalogue.edition(situation.today)
        return [Button(title=self.catalogue.title(topic, edition), payload="/" + intent_of(topic)) for topic in topics]

    def _buttons(self, topic: str, entry: Entry, situation: Situation) -> list[Button]:
        """Ways on: what belongs to the topic or fits this person first, else a related topic among the others."""
        say = self.phrases
        own = [one for one in say.with_topics if topic in one.topics]
        if own:
            fitting = [Button(title=one.title, payload=one.payload) for one in own[:1]]
        else:
            others = [one for one in self.fitting_topics(situation) if one != topic]
            fitting = self.topic_buttons(others[:1], situation)
        return [
            *fitting,
            Button(title=say.tell_me_more, payload="/tell_me_more"),
            Button(title=say.who_to_ask, payload="/who_followup"),
            *([] if fitting else self.topic_buttons(entry.related[:1], situation)),
            Button(title=say.talk_to_a_person, payload="/speak_to_human"),
        ]

    def _limit(self, limit: TimeLimit, situation: Situation) -> str:
        words = self.catalogue.words
        text = words.limits[limit.id].replace("{time}", self._duration(limit, situation))
        if limit.id in words.chains and limit.latest_from_event:
            latest = self._choose(
                limit.latest_from_event["standard"], limit.latest_from_event["enhanced"], situation.enhanced_rights
            )
            text += " " + words.chains[limit.id].replace("{latest}", latest)
        if not limit.sure(situation.area) and not _ASKS.search(text):
            text += " " + self.phrases.ask_to_confirm
        return text

    def _duration(self, limit: TimeLimit, situation: Situation) -> str:
        return self._choose(limit.standard, limit.enhanced, situation.enhanced_rights)

    def _choose(self, standard: dict[str, int], enhanced: dict[str, int], known: Enhanced) -> str:
        if standard == enhanced or known == "no":
            return self.units(standard)
        if known == "yes":
            return self.units(enhanced)
        both = self.phrases.both_times_enhanced_first if known == "likely" else self.phrases.both_times
        return both.format(standard=self.units(standard), enhanced=self.units(enhanced))

    def units(self, duration: dict[str, int]) -> str:
        """A duration in words: {"working_days": 5} is "5 working days" in English."""
        ((unit, number),) = duration.items()
        forms = self.phrases.units[unit]
        plural = Locale.parse(self.catalogue.language).plural_form(number)
        return forms.get(plural, forms["other"]).format(n=number)

    def _servable(self, topic: str, edition: Edition, situation: Situation) -> Entry | None:
        entry = self.catalogue.entry(topic, edition)
        if entry is None or situation.demo or self.catalogue.state(entry) == "approved":
            return entry
        return None

    def _not_served(self, topic: str, edition: Edition) -> Reply:
        facts = self.catalogue.facts(topic, edition)
        links = [Link(title=link.title, url=link.url) for link in facts.links if link.seen][:2] if facts else []
        text = self.phrases.not_served.format(
            title=self.catalogue.title(topic, edition), who=", ".join(facts.responsible) if facts else ""
        )
        return self._reply(
            topic,
            edition,
            text,
            links=links or [Link(title=edition.title, url=edition.url)],
            buttons=[
                Button(title=self.phrases.menu, payload="/menu"),
                Button(title=self.phrases.talk_to_a_person, payload="/speak_to_human"),
            ],
        )

    def _source(self, entry: Entry, edition: Edition, topic: str) -> Source:
        facts = self.catalogue.facts(topic, edition)
        used = [fact for fact in facts.facts if fact.number in entry.facts] if facts else []
        limits = [self.catalogue.base.limits[place.id] for place in facts.time_limits] if facts else []
        # A whole number names the right only; a paragraph has a point in it.
        named = {fact.paragraph for fact in used} | {limit.paragraph for limit in limits if limit.edition}
        paragraphs = sorted(p for p in named if p and "." in p)
        sure = all(fact.sure for fact in used)
        right = right_of(topic)
        say = self.phrases
        text = say.source.format(
            right=say.right.format(number=right) if right else say.introduction,
            paragraphs=say.paragraphs.format(list=", ".join(paragraphs)) if paragraphs else "",
            edition=edition.title,
            checked=self._month(edition.checked),
        )
        return Source(
            right=right,
            paragraph=", ".join(paragraphs) or None,
            edition=edition.id,
            checked=edition.checked,
            certainty="verified" if sure else "recalled",
            text=text if sure else f"{text} {say.partly_confirmed}",
        )

    def _month(self, checked: str) -> str:
        year, month = checked.split("-")[:2]
        return f"{Locale.parse(self.catalogue.language).months['format']['wide'][int(month)]} {year}"

    def _reply(
        self,
        topic: str,
        edition: Edition,
        text: str,
        *,
        source: Source | None = None,
        limits: list[str] | None = None,
        links: list[Link] | None = None,
        buttons: list[Button] | None = None,
    ) -> Reply:
        return Reply(
            text=text,
            display="card",
            topic=topic,
            right=right_of(topic),
            language=self.catalogue.language,
            source=source,
            limits=limits or [],
            links=links or [],
            buttons=buttons or [],
        )
