"""The questions of the form that makes a paper."""

from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clock_context import phrases
from actions.context import say, settings
from actions.forms import choice, control, form_words, order, resumed
from actions.paper_context import FLOW, line_of_letter, papers, sections, words
from bot.conversation.messages import Button, Field, Reply
from bot.conversation.papers import PAPER_OPEN
from bot.papers.form import CHECK, DEVICE, HOW, SECTION, LineId, State

GUIDED, BY_HAND, ENOUGH, DONE, OTHER_DUTY = "guided", "by_hand", "enough", "done", "other_duty"


class ActionAskPaperStep(Action):
    """Puts the open question of the paper form."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_ask_paper_step"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask, and have the gateway note that a draft is open."""
        known = msgspec.convert(tracker.get_slot(FLOW), State)
        order(dispatcher, PAPER_OPEN)
        reply = _question(tracker, known)
        problem = getattr(words(), known.problem) if known.problem else ""
        goes_on = form_words().goes_on if resumed(tracker) else ""
        text = "\n".join(part for part in (problem, reply.text, goes_on) if part)
        say(dispatcher, msgspec.structs.replace(reply, text=text))
        return []


def _question(tracker: Tracker, known: State) -> Reply:
    step = known.step(sections())
    name, _, about = step.partition(":")
    if name == DEVICE:
        return _device(tracker, known, step)
    if name == HOW:
        titles = words().buttons
        picks = [choice(titles.guided, step, GUIDED), choice(titles.by_hand, step, BY_HAND)]
        return _form(words().how, [*picks, control("stop", step)])
    if name == SECTION:
        return _section(known, step, about)
    if name == CHECK:
        return _check(tracker, known, step)
    return _line(known, step)


def _device(tracker: Tracker, known: State, step: str) -> Reply:
    """Whether the paper may stay on this device; for what is typed, first that a court could ask for it."""
    device = papers().device
    lines = [words().start[known.kind]]
    if known.kind != "sheet":
        given = tracker.latest_message.get("metadata") or {}
        controller = given.get("controller") or settings().controller
        lines.append(papers().court_warning.format(controller=controller))
    lines += [device.question, device.kept]
    picks = [choice(title, step, way) for way, title in device.choices.items()]
    return _form("\n".join(lines), [*picks, control("stop", step)])


def _section(known: State, step: str, about: str) -> Reply:
    section = next(one for one in papers().statement.sections if one.id == about)
    questions = "\n".join(f"• {question}" for question in section.questions)
    text = words().section.format(heading=section.heading, questions=questions)
    enough = choice(words().buttons.enough, step, ENOUGH)
    steering = [control("skip", step), control("back", step), control("stop", step)]
    return _form(text, [enough, *steering], Field(kind="text", label=section.heading))


def _check(tracker: Tracker, known: State, step: str) -> Reply:
    titles, line = words().buttons, known.line
    assert line is not None
    text = words().check.format(line=line_of_letter(tracker, known, line))
    buttons = [choice(titles.keep, step, "yes"), choice(titles.change, step, "no")]
    if line not in ("duty", "body"):
        buttons.append(choice(titles.leave_out, step, "leave_out"))
    return _form(text, [*buttons, control("back", step), control("stop", step)])


def _line(known: State, step: str) -> Reply:
    line: LineId = known.line or "duty"
    text, titles = words().ask[line], words().buttons
    back = [control("back", step)] if known.confirmed or known.left_out else []
    steering = [control("skip", step), *back, control("stop", step)]
    if line == "duty":
        duties = list(known.owed) or words().duties
        picks = [choice(_short(duty), step, duty) for duty in duties]
        return _form(text, [*picks, choice(titles.other_duty, step, OTHER_DUTY), control("stop", step)])
    if line == "body":
        bodies = papers().complaint.bodies
        picks = [choice(bodies[body].to, step, body) for body in known.bodies]
        return _form(text, [*picks, *back, control("stop", step)])
    if line == "wants":
        marked = words().picked
        picks = [
            choice(marked.format(title=title) if want in known.picked else title, step, want)
            for want, title in papers().complaint.wants.items()
        ]
        return _form(text, [*picks, choice(titles.done, step, DONE), *steering])
    return _form(text, steering, Field(kind="date" if line == "day" else "text"))


def _short(duty: str) -> str:
    return phrases().what[duty].rstrip(",")


def _form(text: str, buttons: list[Button], field: Field | None = None) -> Reply:
    return Reply(text=text, display="form", buttons=buttons, field=field)
