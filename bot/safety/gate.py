"""The safety gate: reads every message first and says whether it may be about danger.

It holds no state, makes no guess about who is typing and never says that someone is safe. The rules come from
data/safety/cards.yml (categories, modes), data/safety/patterns (words) and data/safety/thresholds.yml. The first layer
is the patterns and a model of n-grams, both in the gateway. The second is the engine's opinion on the sentence vector,
which `with_second` may use to add a card or raise its mode, never to take one away.
"""

import math
from pathlib import Path
from typing import Literal

import msgspec

from bot.conversation.messages import Mode, Opinion, Verdict
from bot.data_files import DataError, load
from bot.safety.ngrams import FILE, NgramModel
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


SPECIFIC = frozenset(
    {
        "domestic_abuse_risk",
        "stalking",
        "child_at_risk",
        "forced_marriage",
        "modern_slavery",
        "adult_at_risk",
        "threats_or_witness_intimidation",
    }
)
"""Kinds whose own urgent card has 999 first and a helpline that fits better than none."""
WITH_HELPLINE = SPECIFIC | {"suicide_self_harm", "sexual_assault_recent", "fraud_in_progress"}
"""Kinds with a helpline of their own."""
LONGEST_DOUBTED, FEWEST_WORDS_DOUBTED = 300, 5
"""Characters up to which, and words from which on, the n-grams may doubt a pattern."""
FIRST, SECOND = "ngrams", "vectors"
"""Names of the models in a verdict's `pattern`."""


class Marks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How high a model's log odds of danger must be: for a line below the answer, to interrupt, for the quiet card."""

    attach: float
    interrupt: float
    quiet: float


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/safety/thresholds.yml.

    Attributes:
        first: for the n-grams, while the second model is still to look.
        alone: for the n-grams where no second model will: engines down, or a text outside a conversation.
        joined: for both models together.
        now: log odds from which an attaching category counts as happening now.
        weights: how much the first and the second model count in the sum.
        sooner: kinds that interrupt at a lower mark, and by how much.
        fitting: by how much another kind must be likelier than immediate danger for its card, with its helpline beside
            999, to come instead.
        ordinary: log odds by the n-grams below which a pattern's line below the answer is left away.
        doubt: log odds by the n-grams from which the second model is to look, whatever else the message is about.
        also: by how much a second kind may be less likely than the first to have its helpline on the card.
    """

    version: int
    first: Marks
    alone: Marks
    joined: Marks
    now: float
    weights: tuple[float, float]
    sooner: dict[str, float] = {}
    fitting: float = 1.0
    also: float = 1.0
    doubt: float = -2.5
    ordinary: float = -99.0


class Look(msgspec.Struct, frozen=True):
    """What the first layer makes of a message: the verdict, and the model's opinion for the second layer."""

    verdict: Verdict | None
    opinion: Opinion | None = None


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
        thresholds: how sure the models must be.
        model: the model of n-grams; without it only the patterns look.

    Raises:
        DataError: a pattern names a category that does not exist.
    """

    def __init__(
        self,
        languages: list[Language],
        modes: dict[str, Mode],
        thresholds: Thresholds,
        model: NgramModel | None = None,
    ) -> None:
        unknown = {rule.category for one in languages for rule, _ in one.rules} - set(modes)
        if unknown:
            raise DataError(f"data/safety/patterns: no such category: {', '.join(sorted(unknown))}")
        self._languages, self._modes, self._thresholds, self._model = languages, modes, thresholds, model

    def check(self, text: str) -> Verdict | None:
        """The verdict on one message where there is no second layer; see `look`."""
        return self.alone(self.look(text))

    def alone(self, first: Look) -> Verdict | None:
        """The verdict of the first layer when no second one comes: it then speaks up sooner.

        Args:
            first: what `look` said of the message.
        """
        if first.opinion is None:
            return first.verdict
        by_model = self._judge(first.opinion, self._thresholds.alone, FIRST)
        return self._fitting(_stronger(first.verdict, by_model), first.opinion)

    def look(self, text: str) -> Look:
        """Look at one message with the first layer.

        Args:
            text: what the person typed, unchanged and uncut.

        Returns:
            The strongest finding, if any. The same message always gives the same answer.
        """
        try:
            by_patterns = self._check(text)
            opinion = self._model.opinion(text) if self._model else None
        except (MemoryError, RecursionError, ValueError):
            # What `re` and `unicodedata` can raise on a text: no memory or stack for a match, or a text that is no
            # proper Unicode. Nobody can be asked to type it again, so it counts as danger. Anything else is a mistake
            # in this package, is found by its tests, and must not be hidden.
            return Look(FAILED)
        if opinion is None:
            return Look(by_patterns)
        by_patterns = self._doubted(by_patterns, opinion, text)
        by_model = self._judge(opinion, self._thresholds.first, FIRST)
        return Look(self._fitting(_stronger(by_patterns, by_model), opinion), opinion)

    def doubts(self, first: Look) -> bool:
        """Whether the second layer must look, even where the words alone would settle what is asked."""
        return first.opinion is not None and first.opinion.danger >= self._thresholds.doubt

    def with_second(self, first: Look, second: Opinion | None) -> Verdict | None:
        """The verdict of both layers: never weaker than the first one's.

        Args:
            first: what `look` said of the message.
            second: the engine's opinion on the same message, if it had a sentence vector.
        """
        if second is None:
            return first.verdict
        opinion = self.joined(first, second)
        return self._fitting(_stronger(first.verdict, self._judge(opinion, self._thresholds.joined, SECOND)), opinion)

    def joined(self, first: Look, second: Opinion) -> Opinion:
        """Both models' opinion: the sums of their log odds, each with its weight."""
        if first.opinion is None:
            return second
        one, other = self._thresholds.weights
        mine, kinds = first.opinion, _shares(first.opinion.kinds)
        return Opinion(
            danger=one * mine.danger + other * second.danger,
            now=one * mine.now + other * second.now,
            kinds={kind: one * kinds.get(kind, 0.0) + other * odds for kind, odds in _shares(second.kinds).items()},
        )

    def _doubted(self, verdict: Verdict | None, opinion: Opinion, text: str) -> Verdict | None:
        """What is left of a pattern's verdict where the n-grams, which know whole messages, see nothing in this one.

        Only lines below an answer are doubted, never a card that comes first: "he is outside with a knife. Can I have
        an interpreter" is mostly a question about a right. In a long message, danger may stand in one clause among much
        else, and a cry of a few words is hardly more than the pattern; there its word is taken, too.
        """
        if verdict is None or verdict.mode != "attach":
            return verdict
        readable = len(text) <= LONGEST_DOUBTED and len(text.split()) >= FEWEST_WORDS_DOUBTED
        return None if readable and opinion.danger < self._thresholds.ordinary else verdict

    def _fitting(self, verdict: Verdict | None, opinion: Opinion) -> Verdict | None:
        """The card that helps most.

        Immediate danger that is clearly of one kind gets the card of that kind, which has 999 first and then its
        helpline. Where two kinds are about as likely, the second one's helpline stands on the card, too.
        """
        if verdict is None or verdict.mode in ("quiet", "boundary"):
            return verdict
        odds = opinion.kinds
        kind = max(SPECIFIC & odds.keys(), key=odds.__getitem__, default=None)
        general = verdict.category == "immediate_danger" and verdict.mode == "interrupt"
        if general and kind and odds[kind] >= odds.get("immediate_danger", 0.0) + self._thresholds.fitting:
            return msgspec.structs.replace(verdict, category=kind, now=True, immediate=True)
        second = max(WITH_HELPLINE & odds.keys() - {verdict.category}, key=odds.__getitem__, default=None)
        if second is None or odds[second] < odds.get(verdict.category, 0.0) - self._thresholds.also:
            return verdict
        return msgspec.structs.replace(verdict, also=second)

    def _judge(self, opinion: Opinion, marks: Marks, name: str) -> Verdict | None:
        """What a model's opinion comes to: nothing, a line below the answer, or the category's own mode."""
        if opinion.danger < marks.attach:
            return None
        category = max(opinion.kinds, key=opinion.kinds.__getitem__)
        mode, now = self._modes[category], opinion.now >= self._thresholds.now
        if mode == "quiet":
            # A quiet card hides the answer, so a weak hint of being watched is left alone.
            return Verdict(category=category, mode=mode, pattern=name) if opinion.danger >= marks.quiet else None
        if mode in ("interrupt", "boundary") or now:
            strong = opinion.danger >= marks.interrupt - self._thresholds.sooner.get(category, 0.0)
            shown: Mode = "attach" if not strong else "boundary" if mode == "boundary" else "interrupt"
            return Verdict(category=category, mode=shown, pattern=name, now=now and shown == "interrupt")
        return Verdict(category=category, mode="attach", pattern=name)

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
        if not live:
            return []
        for rule, matcher in language.rules:
            if not live & matcher.bits:
                continue
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


def load_gate(data: Path, models: Path | None = None) -> Gate:
    """The gate with the patterns, categories and thresholds under `data`.

    Args:
        data: the data folder.
        models: folder of the trained models; without it only the patterns look.

    Raises:
        DataError: a file does not fit, or the folder has no model of the gate.
    """
    languages = load_languages(data)
    kinds = load(data / "safety" / "cards.yml", _Kinds).categories
    thresholds = load(data / "safety" / "thresholds.yml", Thresholds)
    model = None
    if models is not None:
        try:
            model = NgramModel.load(models / FILE)
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{models / FILE}: no model of the safety gate. Run: make train") from error
    return Gate(languages, {kind.id: kind.mode for kind in kinds}, thresholds, model)


_STRENGTH: dict[Mode, int] = {"attach": 0, "boundary": 1, "quiet": 2, "interrupt": 3}


def _stronger(known: Verdict | None, other: Verdict | None) -> Verdict | None:
    """The stronger of two verdicts; of two alike the first, which may come from a pattern with a reason."""
    if known is None or other is None:
        return known or other
    if known.category == other.category:
        stronger = other if _STRENGTH[other.mode] > _STRENGTH[known.mode] else known
        return msgspec.structs.replace(stronger, now=known.now or other.now, health_lines=known.health_lines)
    # A quiet card found by a pattern stays: a visible card is the harm there, and cries for help are patterns, too.
    if known.mode == "quiet" or _STRENGTH[other.mode] <= _STRENGTH[known.mode]:
        return known
    return msgspec.structs.replace(other, health_lines=known.health_lines)


def _shares(kinds: dict[str, float]) -> dict[str, float]:
    """Log odds brought to one scale: as if one of the kinds were the case."""
    whole = math.log(sum(math.exp(odds) for odds in kinds.values()))
    return {kind: odds - whole for kind, odds in kinds.items()}


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
