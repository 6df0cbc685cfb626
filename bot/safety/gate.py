"""The safety gate: reads every message first and says whether it may be about danger.

It holds no state, makes no guess about who is typing and never says that someone is safe. The rules come from
data/safety/cards.yml (categories, modes) and data/safety/patterns (words).
"""

from pathlib import Path
from typing import Literal

import msgspec

from bot.conversation.messages import Mode, Verdict
from bot.data_files import DataError, load
from bot.safety.patterns import Language, flat_readings, load_languages

ORDER = (
    "immediate_danger",
    "medical_emergency",
    "suicide_self_harm",
    "child_at_risk",
    "forced_marriage",
    "fraud_in_progress",
    "watched_now",
    "sexual_assault_recent",
    "modern_slavery",
    "adult_at_risk",
    "device_may_be_monitored",
    "stalking",
    "threats_or_witness_intimidation",
    "domestic_abuse_risk",
    "disclosure_of_own_offence",
    "abusive_to_bot",
)
"""Categories, the strongest first; among those that only attach, the more specific first."""

FAILED = Verdict(category="immediate_danger", mode="interrupt", pattern="failed", now=True)
"""What the gate says when it cannot look: better a card too many than a cry for help passed over."""


class _Kind(msgspec.Struct, frozen=True):
    id: str
    mode: Literal["interrupt", "attach", "quiet", "boundary"]


class _Kinds(msgspec.Struct, frozen=True):
    categories: list[_Kind]


class Gate:
    """Finds danger in a message.

    Args:
        languages: the compiled patterns; a message is looked at in all of them.
        modes: how each category is shown.

    Raises:
        DataError: a pattern names a category that does not exist.
    """

    def __init__(self, languages: list[Language], modes: dict[str, Mode]) -> None:
        unknown = {rule.category for one in languages for rule, _ in one.rules} - set(modes)
        if unknown:
            raise DataError(f"data/safety/patterns: no such category: {', '.join(sorted(unknown))}")
        self._languages, self._modes = languages, modes

    def check(self, text: str) -> Verdict | None:
        """Look at one message.

        Args:
            text: what the person typed, unchanged and uncut.

        Returns:
            The strongest finding, or None. The same message always gives the same answer.
        """
        try:
            return self._check(text)
        except (MemoryError, RecursionError, ValueError):
            # What `re` and `unicodedata` can raise on a text: no memory or stack for a match, or a text that is no
            # proper Unicode. Nobody can be asked to type it again, so it counts as danger. Anything else is a mistake
            # in this package, is found by its tests, and must not be hidden.
            return FAILED

    def _check(self, text: str) -> Verdict | None:
        flat = flat_readings(text)
        best: dict[str, Verdict] = {}
        health: list[str] = []
        for language in self._languages:
            for words in language.readings(flat):
                live = language.live(words)
                found = self._look(language, words, live)
                if found:
                    health += [line for line, sign in language.health.items() if sign.found(words, live)]
                for verdict in found:
                    before = best.get(verdict.category)
                    if before is None or (verdict.now and not before.now):
                        best[verdict.category] = verdict
        if not best:
            return None
        verdict = _strongest(best)
        return msgspec.structs.replace(verdict, health_lines=list(dict.fromkeys(health)))

    def _look(self, language: Language, words: str, live: int) -> list[Verdict]:
        found: dict[str, Verdict] = {}
        for rule, matcher in language.rules:
            before = found.get(rule.category)
            if (before is None or (rule.now and not before.now)) and matcher.found(words, live):
                raised = None if rule.now or rule.never_now else language.now_when.get(rule.category)
                now = rule.now or (raised is not None and raised.found(words, live))
                if before is None or now:
                    found[rule.category] = self._verdict(rule.category, rule.id, now)
        return list(found.values())

    def _verdict(self, category: str, pattern: str, now: bool) -> Verdict:
        mode = self._modes[category]
        return Verdict(
            category=category, mode="interrupt" if mode == "attach" and now else mode, pattern=pattern, now=now
        )


def load_gate(data: Path) -> Gate:
    """The gate with the patterns and categories under `data`.

    Args:
        data: the data folder.

    Raises:
        DataError: a file does not fit.
    """
    kinds = load(data / "safety" / "cards.yml", _Kinds).categories
    return Gate(load_languages(data), {kind.id: kind.mode for kind in kinds})


def _strongest(found: dict[str, Verdict]) -> Verdict:
    ranked = sorted(found.values(), key=lambda verdict: ORDER.index(verdict.category))
    first = ranked[0]
    if first.category != "watched_now":
        # Among categories that attach, one that says "now" comes before one that does not.
        serious = [verdict for verdict in ranked if verdict.mode == "interrupt"]
        return serious[0] if serious and first.mode in ("attach", "boundary") else first
    # Watched, and something else happens now: a cry for help, which the quiet line would swallow.
    cry = next((one for one in ranked[1:] if one.now and one.category != "device_may_be_monitored"), None)
    if cry is None:
        return first
    return Verdict(category="immediate_danger", mode="interrupt", pattern=cry.pattern, now=True)
