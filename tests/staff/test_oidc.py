"""Signing in at a provider: its word counts only where it is signed, for us, now, and gives a role we know."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from joserfc.jwk import OctKey, RSAKey

from bot.staff.oidc import Claims, NotSignedIn, Provider, ProviderUnavailable
from tests.staff.oidc_provider import CLIENT, SECRET, running

RETURN = "http://127.0.0.1/sign-in/provider/back"


@pytest.fixture
def local():
    with running(RETURN) as provider:
        yield provider


@pytest.fixture
def provider(local) -> Provider:
    return Provider(local.issuer, CLIENT, SECRET, RETURN)


async def answered(address: str) -> dict[str, str]:
    """What the provider sends the browser back with."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = (await browser.get(address)).headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


async def signed_in(provider: Provider, anew: bool = False):
    address, pending = await provider.begin(anew)
    return await provider.finish(pending, await answered(address))


async def test_somebody_signs_in_with_the_roles_and_organisation_of_their_claims(local, provider):
    local.claims = {"roles": ["supervisor", "offline_access", "adviser"], "organisation": "police"}
    person = await signed_in(provider)
    assert (person.subject, person.name) == ("person-1", "Adviser of the provider")
    assert (person.roles, person.organisation) == ({"supervisor", "adviser"}, "police")


async def test_claims_may_stand_inside_others_or_have_a_name_with_dots(local):
    local.claims = {
        "realm_access": {"roles": ["auditor"]},
        "https://id.example/body": "commissioner",
        "nick": "Auditor",
    }
    names = Claims(roles="realm_access.roles", organisation="https://id.example/body", name="nick")
    person = await signed_in(Provider(local.issuer, CLIENT, SECRET, RETURN, names))
    assert (person.roles, person.organisation, person.name) == ({"auditor"}, "commissioner", "Auditor")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"roles": ["king"]}, "role"),
        ({"roles": []}, "role"),
        ({"roles": None}, "role"),
        ({"organisation": "elsewhere"}, "organisation"),
        ({"organisation": None}, "organisation"),
        ({"organisation": ["police"]}, "organisation"),
        ({"name": " "}, "name"),
    ],
)
async def test_without_a_role_organisation_and_name_that_we_know_nobody_comes_in(local, provider, claims, why):
    local.claims = claims
    with pytest.raises(NotSignedIn, match=f"^{why}$"):
        await signed_in(provider)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"aud": "another client"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"at_hash": "of another token"},
    ],
    ids=lambda claims: "-".join(claims),
)
async def test_a_token_that_is_not_for_us_now_lets_nobody_in(local, provider, claims):
    local.claims = claims
    with pytest.raises(NotSignedIn):
        await signed_in(provider)


async def test_a_token_signed_by_somebody_else_lets_nobody_in(local, provider):
    local.sign_with = RSAKey.generate_key(2048, {"kid": "first"})
    with pytest.raises(NotSignedIn):
        await signed_in(provider)


async def test_a_token_signed_with_our_own_secret_lets_nobody_in(local, provider):
    local.sign_with = OctKey.import_key(SECRET, {"kid": "first"})
    with pytest.raises(NotSignedIn):
        await signed_in(provider)


async def test_a_token_without_a_signature_lets_nobody_in(local, provider, monkeypatch):
    def unsigned(form, authorization):
        query = local.asked[-1]
        claims = {"iss": local.issuer, "sub": "1", "aud": CLIENT, "nonce": query["nonce"], "name": "A"}
        claims |= {
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "roles": ["adviser"],
            "organisation": "police",
        }
        parts = [{"alg": "none"}, claims]
        told = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
        return {"id_token": ".".join([*told, ""])}

    monkeypatch.setattr(local, "token", unsigned)
    with pytest.raises(NotSignedIn):
        await signed_in(provider)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "another"}, "state"),
        ({"iss": "https://another.example"}, "issuer"),
        ({"code": ""}, "refused"),
        ({"code": "guessed"}, "code"),
    ],
)
async def test_an_answer_that_does_not_fit_lets_nobody_in(provider, change, why):
    address, pending = await provider.begin()
    with pytest.raises(NotSignedIn, match=f"^{why}$"):
        await provider.finish(pending, await answered(address) | change)


async def test_an_answer_works_once(provider):
    address, pending = await provider.begin()
    answer = await answered(address)
    await provider.finish(pending, answer)
    with pytest.raises(NotSignedIn, match="code"):
        await provider.finish(pending, answer)


async def test_a_code_is_of_no_use_without_the_verifier(provider):
    address, pending = await provider.begin()
    stolen = msgspec.structs.replace(pending, verifier="guessed")
    with pytest.raises(NotSignedIn, match="code"):
        await provider.finish(stolen, await answered(address))


async def test_somebody_who_was_refused_there_is_refused_here(local, provider):
    local.refuses = True
    with pytest.raises(NotSignedIn, match="refused"):
        await signed_in(provider)


async def test_new_keys_of_the_provider_are_fetched(local, provider):
    await signed_in(provider)
    local.new_key("second")
    assert (await signed_in(provider)).subject == "person-1"


async def test_after_a_lock_the_provider_asks_again(local, provider):
    assert (await signed_in(provider, anew=True)).subject == "person-1"
    assert (local.asked[-1]["prompt"], local.asked[-1]["max_age"]) == ("login", "0")


@pytest.mark.parametrize("when", [None, int(time.time()) - 3600])
async def test_after_a_lock_an_old_sign_in_there_is_not_enough(local, provider, when):
    local.claims = {"auth_time": when}
    with pytest.raises(NotSignedIn):
        await signed_in(provider, anew=True)


async def test_a_provider_that_fails_is_told_from_a_person_who_may_not(local, provider):
    local.broken = True
    with pytest.raises(ProviderUnavailable, match="status 500"):
        await provider.begin()


async def test_a_provider_that_says_another_name_is_not_believed(local, provider):
    local.published_issuer = "https://another.example"
    with pytest.raises(ProviderUnavailable, match="metadata"):
        await provider.begin()


async def test_nobody_answers_at_all():
    with pytest.raises(ProviderUnavailable, match="ConnectError"):
        await Provider("http://127.0.0.1:9", CLIENT, SECRET, RETURN).begin()
