"""What the rights clock says: its questions, and what is owed."""

import json
from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clock_context import clock, day_in_words, edition, phrases, sentence, words
from actions.context import answers, say, situation
from actions.forms import choice, control, form_words, resumed
from bot.conversation.messages import Button, Field, Reply
from bot.rights.clock import Row
from bot.rights.clock_form import Confirmed, State, owed_of
from bot.rights.clock_words import words as row_words
from bot.rights.happened import Told

FLOW = "clock"
OTHER, UNSURE = "other", "unsure"
_MOST_TOPICS = 2


class ActionAskClockStep(Action):
    """Puts the open question of the clock."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_ask_clock_step"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask what happened, on which day, whether the day is right, or whether a duty was done."""
        known = msgspec.convert(tracker.get_slot(FLOW) or {}, State)
        ask = {"event": _ask_event, "day": _ask_day, "pick": _ask_which, "confirm": _ask_right, "done": _ask_done}
        reply = ask[known.question](tracker, known)
        # An offer follows the answer at once: nothing has been interrupted yet.
        if resumed(tracker) and not known.offered:
            reply = msgspec.structs.replace(reply, text=f"{reply.text}\n{form_words().goes_on}")
        say(dispatcher, reply)
        return []


def _ask_event(_tracker: Tracker, known: State) -> Reply:
    picks = [choice(sentence(words().happened[event]), known.step, event) for event in words().to_pick]
    text = words().ask_event_again if known.unread else words().ask_event
    return Reply(text=text, display="form", buttons=[*picks, control("stop", known.step)])


def _ask_day(tracker: Tracker, known: State) -> Reply:
    current, say_so = known.told[0], words()
    if known.offered and not current.problems:
        text = say_so.offer_ask.format(happened=say_so.happened[current.events[0]])
        last = choice(say_so.buttons.no_thanks, known.step, "no")
    else:
        problem = say_so.no_such_day if "impossible" in current.problems else ""
        if current.day:
            problem = say_so.still_to_come.format(day=day_in_words(tracker, current.day))
        text = " ".join(filter(None, [problem, say_so.ask_day]))
        last = control("stop", known.step)
    if known.unread or current.problems or known.offered:
        text = f"{text} {say_so.how_to_say_a_day}"
    unsure = choice(say_so.buttons.unsure_day, known.step, UNSURE)
    field = Field(kind="date", label=say_so.which_day)
    return Reply(text=text, display="form", buttons=[unsure, last], field=field)


def _ask_which(tracker: Tracker, known: State) -> Reply:
    days = known.told[0].days
    picks = [choice(day_in_words(tracker, day), known.step, day.isoformat()) for day in days]
    other = choice(words().buttons.other_day, known.step, OTHER)
    text = words().which_day
    if known.offered:
        text = words().offer_ask.format(happened=words().happened[known.told[0].events[0]])
    return Reply(text=text, display="form", buttons=[*picks, other, control("stop", known.step)])


def _ask_right(tracker: Tracker, known: State) -> Reply:
    current, say_so = known.told[0], words()
    day = day_in_words(tracker, current.day) if current.day else ""
    happened = say_so.happened[current.events[0]]
    if current.to and current.day:
        last = day_in_words(tracker, current.to)
        text = say_so.confirm_month.format(happened=happened, first=day, last=last)
    elif "too_old" in current.problems:
        text = say_so.confirm_old.format(day=day)
    elif "ambiguous" in current.problems:
        text = say_so.confirm_about.format(day=day)
    else:
        asked = say_so.offer_confirm if known.offered else say_so.confirm
        text = asked.format(happened=happened, day=day)
    buttons = [
        choice(say_so.buttons.right, known.step, "yes"),
        choice(say_so.buttons.other_day, known.step, OTHER),
        control("stop", known.step),
    ]
    return Reply(text=text, display="form", buttons=buttons)


def _ask_done(_tracker: Tracker, known: State) -> Reply:
    titles = words().buttons
    text = words().did_it_happen.format(what=phrases().what[known.limit].rstrip(","))
    buttons = [
        choice(titles.happened, known.step, "yes"),
        choice(titles.not_happened, known.step, "no"),
        choice(titles.unsure, known.step, UNSURE),
        control("stop", known.step),
    ]
    return Reply(text=text, display="form", buttons=buttons)


def results(tracker: Tracker, known: Confirmed) -> list[Reply]:
    """What is owed because of what was confirmed: a bubble for each thing that happened, ways on at the end."""
    own, now = situation(tracker), edition(tracker)
    rows: list[Row] = []
    replies: list[Reply] = []
    for one in known.happened:
        alone = Confirmed(happened=[one], done=known.done)
        found = alone.rows(clock(), own, now)
        hedged = alone.hedged(clock(), own, now)
        rows += [*found, *hedged]
        lines = [_given(tracker, one), *(f"- {row_words(row, phrases())}" for row in found)]
        if hedged:
            lines += [words().also if found else "", *(f"- {row_words(row, phrases())}" for row in hedged)]
        if not found and not hedged:
            lines.append(words().nothing)
        replies.append(Reply(text="\n".join(line for line in lines if line), display="card"))
    return [*replies[:-1], msgspec.structs.replace(replies[-1], buttons=_ways_on(tracker, rows))]


def _ways_on(tracker: Tracker, rows: list[Row]) -> list[Button]:
    titles = words().buttons
    owed = json.dumps({"owed": owed_of(rows)})
    complain = [Button(title=titles.complain, payload=f"/complain{owed}")] if owed_of(rows) else []
    topics = list(dict.fromkeys(row.topic for row in rows))[:_MOST_TOPICS]
    sheet = Button(title=titles.sheet, payload="/rights_sheet")
    return [*complain, *answers().topic_buttons(topics, situation(tracker)), sheet, again()]


def again() -> Button:
    """The button that begins anew."""
    return Button(title=words().buttons.again, payload="/rights_clock")


def _given(tracker: Tracker, told: Told) -> str:
    day = day_in_words(tracker, told.day) if told.day else ""
    happened = sentence(words().happened[told.events[0]])
    if told.to:
        return words().given_month.format(happened=happened, first=day, last=day_in_words(tracker, told.to))
    return words().given.format(happened=happened, day=day)
