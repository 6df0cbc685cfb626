"""The receiver says, signed, that it has a referral."""

import time

import httpx
import pytest

from bot.gateway.acknowledgements import PATH, Acknowledgements
from bot.gateway.app import Gateway
from bot.referrals.signing import SIGNATURE, TIMESTAMP, sign
from tests.gateway.test_api import StandInPool
from tests.referrals.conftest import form, on_sqlite, rotating_vault, submitted  # noqa: F401

SECRET, OTHER = "a-secret-of-the-receiver-32-chars-long", "another-secret-that-is-32-chars-long"


@pytest.fixture
def reference(on_sqlite, form):  # noqa: F811
    return submitted(on_sqlite, form)


@pytest.fixture
async def client(conversations, settings, on_sqlite):  # noqa: F811
    route = Acknowledgements(on_sqlite, [SECRET], time.time).route()
    app = Gateway(conversations, StandInPool(), settings, routes=[route]).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def signed(body: bytes, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    at = int(time.time()) - age
    return {TIMESTAMP: str(at), SIGNATURE: sign(secret, at, body)}


async def test_a_signed_acknowledgement_is_taken(client, reference, on_sqlite):  # noqa: F811
    body = b'{"reference": "%s"}' % reference.encode()
    for _ in range(2):
        assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 204
    assert on_sqlite.status(reference) == "received"


async def test_without_our_secret_nothing_is_taken(client, reference, on_sqlite):  # noqa: F811
    body = b'{"reference": "%s"}' % reference.encode()
    for headers in ({}, signed(body, OTHER), signed(body, age=301), signed(b"{}")):
        refused = await client.post(PATH, content=body, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (401, "not_signed")
    assert on_sqlite.status(reference) == "not_through"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"reference": 1}'])
async def test_what_is_no_acknowledgement_is_refused(client, body):
    assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 400


async def test_a_referral_that_does_not_exist_is_not_found(client):
    body = b'{"reference": "000000000000"}'
    assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 404


async def test_where_no_secret_is_shared_nobody_can_sign(conversations, settings, on_sqlite, reference):  # noqa: F811
    app = Gateway(
        conversations, StandInPool(), settings, routes=[Acknowledgements(on_sqlite, [], time.time).route()]
    ).app()
    body = b'{"reference": "%s"}' % reference.encode()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.post(PATH, content=body, headers=signed(body, ""))).status_code == 401
