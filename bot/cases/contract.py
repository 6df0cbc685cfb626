"""What a force's own system must answer: an OpenAPI 3.1 contract, made from the types the answers are read into.

Kept as docs/api/cases.openapi.json (`make documents`). A reference travels in a body, never in an address: addresses
stand in the logs of every machine in between.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bot.cases.model import REQUIRED, CaseRecord, Moment

FIND, FEED = "/cases/find", "/cases/feed"
VERSION = "1.0.0"
"""Of the contract; its first number changes when an answer that was right is right no more."""


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for one case."""

    reference: Annotated[str, Meta(min_length=1, max_length=40, description="A crime number, URN or court number.")]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The case that bears the reference, or null where there is none."""

    case: CaseRecord | None


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """When the cases were last brought up to date; null where nobody knows."""

    worked_at: Moment | None


def openapi() -> dict[str, Any]:
    """The whole document as plain data."""
    _, schemas = msgspec.json.schema_components([Find, Found, Feed], ref_template="#/components/schemas/{name}")
    # Such a field may be missing when an answer is read, so that the case is not shown instead of guessed at.
    schemas["CaseRecord"]["required"] = list(REQUIRED)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cases for the Victims' Rights Assistant",
            "version": VERSION,
            "description": "Served by a police force's own system. A case without one of the required fields is not "
            "shown, and neither is one whose stage, flags or roles nobody has mapped. Send no names of people, no "
            "places and no evidence. Ids of stages and flags: data/cases/stages.yml and risk.yml.",
        },
        "security": [{"token": []}],
        "paths": {
            FIND: {
                "post": {
                    "operationId": "findCase",
                    "summary": "One case by one of its references",
                    "requestBody": {"required": True, "content": _json("Find")},
                    "responses": _responses("Found"),
                }
            },
            FEED: {
                "get": {
                    "operationId": "readFeed",
                    "summary": "When cases were last brought up to date",
                    "responses": _responses("Feed"),
                }
            },
        },
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _responses(name: str) -> dict[str, Any]:
    return {
        "200": {"description": name, "content": _json(name)},
        "401": {"description": "The token is not known. The body is not read."},
        "503": {"description": "Nobody knows now. The body is not read; asked again a moment later."},
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
