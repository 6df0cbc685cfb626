"""One recorded reply for each thing the page can draw, said by the stand-in engine when asked for by name."""

from bot.conversation.messages import (
    Button,
    Contact,
    Document,
    Field,
    HandOff,
    Line,
    Link,
    Reply,
    Source,
    TimelineRow,
)
from tests.stand_ins import StandInEngine

_SOURCE = Source(
    right=6,
    paragraph="6.1",
    edition="2021",
    checked="2026-11",
    certainty="verified",
    text="Right 6 (paragraph 6.1), Victims' Code 2021, checked November 2026.",
)
_STOP = Button(title="Stop", payload="/form_stop", control=True)
_SKIP = Button(title="Skip this", payload="/form_skip", control=True)
_LIMIT = "The police must tell you within 5 working days, or 1 working day if you have enhanced rights."


def _field(kind: str, question: str, *choices: str, **field: object) -> list[Reply]:
    buttons = [Button(title=choice, payload=f"/choice_{n}") for n, choice in enumerate(choices)]
    return [
        Reply(
            text=question,
            display="form",
            field=Field(kind=kind, **field),
            buttons=[*buttons, _SKIP, _STOP],
        )
    ]


RECORDED: dict[str, list[Reply]] = {
    "answer": [
        Reply(
            text=f"The police must tell you about each key decision.\n\n{_LIMIT}",
            display="card",
            topic="right_06/investigation_updates",
            right=6,
            source=_SOURCE,
            limits=[_LIMIT],
        ),
        Reply(
            text="What this means for you:\n• You can ask how often you hear.\n• A gap does not stop you asking.",
            display="card",
            topic="right_06/investigation_updates",
            right=6,
            links=[Link(title="Your rights after a crime", url="https://www.gov.uk/your-rights-after-crime")],
            buttons=[Button(title="Tell me more", payload="/tell_me_more"), Button(title="Who to ask", payload="/who")],
        ),
    ],
    "did you mean": [
        Reply(
            text="Did you mean one of these?",
            display="choice",
            buttons=[
                Button(title="Updates on the investigation", payload="/right_06__investigation_updates"),
                Button(title="Getting property back", payload="/right_06__property"),
                Button(title="None of these", payload="/none_of_these"),
            ],
        )
    ],
    "card": [
        Reply(
            text="If you are in danger now, call 999.",
            display="card",
            contacts=[
                Contact(name="Emergency", number="999", note="press 55 on a mobile if you cannot speak"),
                Contact(name="A helpline", number="0808 2000 247", note="open now"),
                Contact(name="A website", url="https://www.example.org/"),
            ],
            buttons=[Button(title="Hide this", payload="gateway:hide")],
        )
    ],
    "text": _field("text", "What name should they use?", label="Name", help="A first name is enough.", most=60),
    "phone": _field("phone", "Which number is safe to ring?", label="Phone number"),
    "email": _field("email", "Which e-mail address is safe?", label="E-mail address"),
    "postcode": _field("postcode", "Where do you live?", label="First half of your postcode", help="For example, B1."),
    "code": _field("code", "Type the code that you were sent.", label="Code"),
    "choice": _field("choice", "Is this about you?", "Yes, about me", "My child", "Someone else", label="About"),
    "choices": _field(
        "choices",
        "Can someone else see any of these?",
        "My phone",
        "My e-mail",
        "Nobody can",
        label="Who can see",
        alone=["Nobody can"],
    ),
    "date": _field("date", "On which day was it?", label="Day it happened"),
    "preview": [
        Reply(
            text="This is what will be sent.",
            display="consent",
            lines=[
                Line(label="Name", value="Not given", change=0),
                Line(label="Safe number", value="07700 900123", change=1),
                Line(label="Identity", value="Not checked"),
            ],
            buttons=[
                Button(title="Change 1", payload="/change_1"),
                Button(title="Change 2", payload="/change_2"),
                Button(title="Yes, send it", payload="/send"),
                _STOP,
            ],
        )
    ],
    "timeline": [
        Reply(
            text="Your case, in dates.",
            display="card",
            timeline=[
                TimelineRow(what="You reported it.", when="3 November 2026", status="Done"),
                TimelineRow(what="You get a written record.", when="By 10 November 2026", who="The police"),
                TimelineRow(
                    what="News about an arrest.",
                    status="Ask today",
                    note="Not having been told does not mean they are still held.",
                ),
            ],
        )
    ],
    "paper": [
        Reply(
            text="Your complaint is ready.",
            documents=[Document(title="Your complaint", kind="complaint", ways=["screen", "copy", "download"])],
        )
    ],
    "waiting": [Reply(text="A person will join.", hand_off=HandOff(state="waiting", place=2))],
    "talking": [Reply(text="Someone is here.", hand_off=HandOff(state="talking", adviser="Adviser"))],
    "ended talk": [Reply(text="They have left.", hand_off=HandOff(state="ended"))],
    "right to left": [
        Reply(
            text="فون کریں 0808 2000 247 ابھی، یا 999 پر۔",
            language="ur",
            direction="rtl",
            contacts=[Contact(name="Victim Support", number="0808 16 89 111", note="ہر وقت کھلا")],
        )
    ],
}


class RecordedEngine(StandInEngine):
    """Says the recorded replies to their names, and echoes everything else."""

    async def answer(self, request):
        response = await super().answer(request)
        recorded = RECORDED.get(request.text)
        if recorded is not None:
            response.replies[:] = recorded
        return response
