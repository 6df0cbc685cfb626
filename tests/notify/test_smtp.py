"""E-mails, against a real mail server on localhost."""

import ipaddress
import ssl
from datetime import datetime, timedelta, timezone

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.notify.loading import load_notice_words
from bot.notify.smtp import Smtp
from bot.outgoing import MailServer, NotSent
from bot.settings_checks import TELLING
from tests.conftest import DATA
from tests.letters import Letters, free_port
from tests.notify.conftest import MAILBOX, MOBILE, TEXT

SENDER = "noreply@post.example.org"
SUBJECT = load_notice_words(DATA).email_subject


def smtp(port, **options) -> Smtp:
    return Smtp(MailServer("127.0.0.1", port, SENDER, **{"tls": "none", **options}), SUBJECT)


async def refused(notifier, channel="email", address=MAILBOX) -> NotSent:
    with pytest.raises(NotSent) as failed:
        await notifier.send(channel, address, TEXT)
    return failed.value


async def test_the_text_arrives_from_the_neutral_address(letters):
    await smtp(letters.port).send("email", MAILBOX, TEXT)
    (came,) = letters.came
    assert (came["From"], came["To"], came["Subject"]) == (SENDER, MAILBOX, SUBJECT)
    assert came.get_payload(decode=True).decode().strip() == TEXT


async def test_nothing_that_arrives_tells_who_wrote(letters):
    await smtp(letters.port).send("email", MAILBOX, TEXT)
    arrived = letters.came[0].as_string().lower()
    assert [word for word in (*TELLING, "assistant", "rights") if word in arrived] == []


async def test_the_mail_server_is_not_told_the_name_of_this_machine(letters):
    await smtp(letters.port).send("email", MAILBOX, TEXT)
    assert letters.greeted_by == ["post.example.org"]


async def test_nobody_is_told_of_it_by_an_out_of_office_answer(letters):
    await smtp(letters.port).send("email", MAILBOX, TEXT)
    assert letters.came[0]["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("answer", "for_good"), [("550 No such mailbox", True), ("451 Try again later", False)])
async def test_a_refused_mailbox_is_for_good_and_a_busy_one_is_not(letters, answer, for_good):
    letters.refuses = [answer]
    assert (await refused(smtp(letters.port))).for_good is for_good


async def test_a_server_that_is_down_is_tried_again():
    assert not (await refused(smtp(free_port()))).for_good


async def test_without_starttls_nothing_is_sent(letters):
    assert not (await refused(smtp(letters.port, tls="starttls"))).for_good
    assert letters.came == []


async def test_the_address_is_not_in_the_error(letters):
    letters.refuses = [f"550 <{MAILBOX}> is unknown"]
    error = await refused(smtp(letters.port))
    assert MAILBOX not in f"{error!r} {error.__cause__!r}"


async def test_a_text_message_is_not_sent_by_email(letters):
    assert (await refused(smtp(letters.port), "sms", MOBILE)).for_good
    assert letters.came == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_the_password_goes_only_over_an_encrypted_connection(tls, certificate, monkeypatch):
    handler, given = Letters(), []

    def check(_server, _session, _envelope, _mechanism, login):
        given.append((login.login, login.password))
        return AuthResult(success=True)

    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(certificate)
    # Over TLS from the start aiosmtpd does not know that it is encrypted.
    how = {"ssl_context": secure, "auth_require_tls": False} if tls == "tls" else {"tls_context": secure}
    options = {"authenticator": check, "auth_required": True, **how}
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    try:
        await smtp(controller.port, tls=tls, user="demo", password="demo-password").send("email", MAILBOX, TEXT)
    finally:
        controller.stop()
    assert len(handler.came) == 1
    assert given == [(b"demo", b"demo-password")]


async def test_a_server_with_a_certificate_nobody_vouches_for_gets_nothing(certificate):
    handler, secure = Letters(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(certificate)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), tls_context=secure)
    controller.start()
    try:
        assert not (await refused(smtp(controller.port, tls="starttls"))).for_good
    finally:
        controller.stop()
    assert handler.came == []


def test_email_to_another_machine_needs_tls():
    with pytest.raises(ValueError, match="tls"):
        MailServer("mail.example.org", 25, SENDER, tls="none")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
