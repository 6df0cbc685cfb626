"""The OpenAPI 3.1 document of the API, made from the types in `api` and kept as docs/api/openapi.json."""

from typing import Any

import msgspec

from bot import __version__
from bot.gateway import api
from bot.gateway.page_words import Words
from bot.gateway.papers import MEDIA

_BEARER: list[dict[str, list[str]]] = [{"token": []}]


def openapi() -> dict[str, Any]:
    """The whole document as plain data."""
    types = [
        api.Start,
        api.Started,
        api.Send,
        api.Sent,
        api.Replies,
        api.PublicReply,
        api.Feedback,
        api.Erased,
        api.ChoosePin,
        api.PinChosen,
        api.Resume,
        api.ResumedChat,
        api.Acknowledgement,
        api.Problem,
        api.Health,
        Words,
    ]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Victims' Rights Assistant",
            "version": __version__,
            "description": "Start a conversation, send messages, read replies, end or erase. Every error carries a "
            "text that may be shown as it is.",
        },
        "paths": {
            "/api/v1/conversations": {
                "post": _operation(
                    "startConversation",
                    "Start a conversation",
                    {201: "Started"},
                    [400, 429],
                    body="Start",
                    required=False,
                )
            },
            "/api/v1/messages": {
                "post": _operation(
                    "sendMessage",
                    "Send words or press a button",
                    {202: "Sent"},
                    [400, 401, 413, 429],
                    body="Send",
                    token=True,
                )
            },
            "/api/v1/replies": {
                "get": _operation(
                    "readReplies",
                    "Replies after a cursor",
                    {200: "Replies"},
                    [400, 401],
                    query={"after": "Number of the last reply seen.", "wait": "Seconds to wait for one, at most 25."},
                    token=True,
                )
            },
            "/api/v1/replies/stream": {
                "get": _operation(
                    "streamReplies",
                    "Replies as server-sent events (`reply`; `typing` while staff write; `ended` at the end), after "
                    "`Last-Event-ID`",
                    {200: None},
                    [400, 401],
                    query={"after": "Number of the last reply seen, where there is no `Last-Event-ID`."},
                    token=True,
                    media="text/event-stream",
                )
            },
            "/api/v1/papers/{kind}": {
                "get": _operation(
                    "readPaper",
                    "The paper that this conversation has made, while it is in use; made anew each time, never stored",
                    {200: None},
                    [401, 404],
                    path={
                        "kind": "`complaint`, `statement` or `sheet`. With `.txt`, `.html` or `.docx` behind it, or by "
                        "Accept; .docx only where the person chose to download it."
                    },
                    token=True,
                    media=MEDIA,
                )
            },
            "/api/v1/feedback": {
                "post": _operation(
                    "giveFeedback",
                    "Say whether an answer helped",
                    {204: None},
                    [400, 401, 429],
                    body="Feedback",
                    token=True,
                )
            },
            "/api/v1/words": {
                "get": _operation(
                    "readWords",
                    "The words of the chat page in a language; English where it has none",
                    {200: "Words"},
                    [],
                    words={"language": "Tag of the language, such as `pl`."},
                )
            },
            "/api/v1/pin": {
                "put": _operation(
                    "choosePin",
                    "Choose a PIN to go on with this conversation after its page was closed",
                    {200: "PinChosen"},
                    [400, 401, 404, 429],
                    body="ChoosePin",
                    token=True,
                )
            },
            "/api/v1/resume": {
                "post": _operation(
                    "resumeConversation",
                    "Go on with a conversation, with its PIN. One answer, whatever does not fit; five tries",
                    {200: "ResumedChat"},
                    [400, 401, 429],
                    body="Resume",
                )
            },
            "/api/v1/typing": {
                "post": _operation(
                    "personTypes",
                    "The person is typing: shown to staff who talk to them",
                    {204: None},
                    [401, 429],
                    token=True,
                )
            },
            "/api/v1/away": {"post": _operation("away", "The page was closed", {204: None}, [], token=True)},
            "/api/v1/end": {
                "post": _operation("endConversation", "End a conversation", {204: None}, [401], token=True)
            },
            "/api/v1/conversation": {
                "delete": _operation("eraseConversation", "Erase a conversation", {200: "Erased"}, [401], token=True)
            },
            "/api/v1/referrals/acknowledgements": {
                "post": _operation(
                    "acknowledgeReferral",
                    "The receiver of a referral has it. Signed as bot/referrals/README.md says: `X-Timestamp`, "
                    "`X-Signature`",
                    {204: None},
                    [400, 401, 404],
                    body="Acknowledgement",
                )
            },
            "/health": {
                "get": _operation("health", "Whether the assistant can answer now", {200: "Health", 503: "Health"}, [])
            },
        },
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(
    name: str,
    summary: str,
    answers: dict[int, str | None],
    problems: list[int],
    *,
    body: str | None = None,
    required: bool = True,
    query: dict[str, str] | None = None,
    path: dict[str, str] | None = None,
    words: dict[str, str] | None = None,
    token: bool = False,
    media: str | tuple[str, ...] = "application/json",
) -> dict[str, Any]:
    responses: dict[str, Any] = {str(status): _content(status, kind, media) for status, kind in answers.items()}
    responses.update(
        {
            str(status): _content(status, "Problem", "application/json")
            for status in [*problems, 503]
            if str(status) not in responses
        }
    )
    operation: dict[str, Any] = {"operationId": name, "summary": summary, "responses": responses}
    if body:
        schema = {"$ref": f"#/components/schemas/{body}"}
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    number = {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0}
    text = {"type": "string", "maxLength": 35}
    parameters: list[dict[str, Any]] = [
        {"name": key, "in": "query", "description": what, "schema": schema}
        for given, schema in ((query, number), (words, text))
        for key, what in (given or {}).items()
    ]
    parameters += [
        {"name": key, "in": "path", "required": True, "description": what, "schema": {"type": "string"}}
        for key, what in (path or {}).items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if token:
        operation["security"] = _BEARER
    return operation


def _content(status: int, kind: str | None, media: str | tuple[str, ...]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": kind or ("Done" if status == 204 else "Events")}
    if isinstance(media, tuple):
        described["description"] = "The paper"
        described["content"] = {one: {"schema": {"type": "string"}} for one in media}
    elif kind:
        described["content"] = {media: {"schema": {"$ref": f"#/components/schemas/{kind}"}}}
    elif media != "application/json":
        described["content"] = {media: {"schema": {"type": "string"}}}
    return described
