"""Settings: where they come from, what is refused, and what is missing outside demonstration mode."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.settings import Settings, SettingsError, load
from bot.settings_checks import problems

CONTROLLER = {
    "controller_name": "A charity",
    "controller_role": "director",
    "controller_contact": "the front desk",
    "controller_dpo": "the data protection officer",
    "controller_ico": "ZA000000",
    "legal_profile": "charity",
    "processors": "none",
    "dpia_signed_on": date(2026, 11, 1),
    "keys": Fernet.generate_key().decode(),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file with a port and an area."""
    path = tmp_path / "settings.toml"
    path.write_text('port = 9001\narea = "Sussex"\n', encoding="utf-8")
    return path


def test_without_anything_there_are_defaults() -> None:
    assert load({}) == Settings()


def test_the_environment_is_read() -> None:
    assert load({"BOT_PORT": "9000"}).port == 9000


def test_other_variables_are_left_alone() -> None:
    assert load({"PORT": "9000", "BOT_UNKNOWN": "1"}) == Settings()


def test_the_file_is_read(file: Path) -> None:
    assert load({"BOT_SETTINGS": str(file)}).area == "Sussex"


def test_the_environment_beats_the_file(file: Path) -> None:
    assert load({"BOT_SETTINGS": str(file), "BOT_PORT": "9000"}).port == 9000


def test_the_command_line_beats_the_environment() -> None:
    assert load({"BOT_PORT": "9000"}, port=9002).port == 9002


def test_an_option_that_was_not_given_changes_nothing() -> None:
    assert load({"BOT_PORT": "9000"}, port=None).port == 9000


@pytest.mark.parametrize(("value", "demo"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_yes_and_no_in_the_environment(value: str, demo: bool) -> None:
    assert load({"BOT_DEMO": value}).demo is demo


def test_a_date_in_the_environment() -> None:
    assert load({"BOT_DPIA_SIGNED_ON": "2026-11-01"}).dpia_signed_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "many"),
        ("port", "70000"),
        ("engines", "0"),
        ("demo", "perhaps"),
        ("lease_s", "0"),
        ("log_level", "LOUD"),
        ("legal_profile", "none"),
        ("dpia_signed_on", "yesterday"),
    ],
)
def test_a_wrong_value_is_named_with_the_way_out(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"A setting is wrong: .*{name}.*docs/settings\.md"):
        load({f"BOT_{name.upper()}": value})


def test_an_unknown_setting_in_the_file_is_refused(file: Path) -> None:
    file.write_text("prot = 9001\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="prot"):
        load({"BOT_SETTINGS": str(file)})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"settings file .*nowhere\.toml cannot be read"):
        load({"BOT_SETTINGS": str(tmp_path / "nowhere.toml")})


def test_a_file_that_is_not_toml_is_named(file: Path) -> None:
    file.write_text("port: 9001", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"BOT_SETTINGS": str(file)})


def test_a_demonstration_may_start_with_nothing_set() -> None:
    assert problems(Settings(demo=True)) == []


def test_outside_a_demonstration_every_missing_setting_is_listed() -> None:
    found = problems(Settings(case_status=False))
    assert [line.split(" ")[0] for line in found] == [f"BOT_{name.upper()}" for name in CONTROLLER]


@pytest.mark.parametrize("name", CONTROLLER)
def test_each_missing_setting_is_a_problem_of_its_own(name: str) -> None:
    given: dict[str, Any] = {key: value for key, value in CONTROLLER.items() if key != name}
    (problem,) = problems(Settings(**given, case_status=False))
    assert problem.startswith(f"BOT_{name.upper()} is missing")


def test_with_everything_set_the_service_may_start() -> None:
    assert problems(Settings(**CONTROLLER, case_status=False)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("demo", [True, False])
def test_a_key_that_is_none_is_a_problem(demo: bool) -> None:
    given: dict[str, Any] = {**CONTROLLER, "keys": "secret", "demo": demo, "case_status": False}
    (problem,) = problems(Settings(**given))
    assert problem.startswith("BOT_KEYS holds something that is not a Fernet key")


def test_a_wrong_key_is_not_repeated_in_the_problem() -> None:
    assert not any("hunter2" in line for line in problems(Settings(demo=True, keys="hunter2")))


ID = "00000000-0000-4000-8000-000000000000"
GOVUK = {
    "notify_sms": "govuk",
    "notify_email": "govuk",
    "govuk_notify_key": f"live-{ID}-{ID}",
    "govuk_notify_sms_template": ID,
    "govuk_notify_email_template": ID,
}
SMTP = {
    "notify_sms": "off",
    "notify_email": "smtp",
    "smtp_host": "mail.example.org",
    "notify_email_from": "noreply@post.example.org",
}


@pytest.mark.parametrize("given", [GOVUK, SMTP, {**GOVUK, **SMTP, "notify_sms": "govuk"}])
def test_codes_may_go_by_notify_and_by_mail(given: dict[str, Any]) -> None:
    assert problems(Settings(**CONTROLLER, **given)) == []


def test_outside_the_demonstration_codes_may_not_stay_in_the_outbox() -> None:
    found = problems(Settings(**CONTROLLER))  # type: ignore[arg-type]
    assert [line.split(" ")[0] for line in found] == ["BOT_NOTIFY_SMS", "BOT_NOTIFY_EMAIL"]
    assert all("BOT_CASE_STATUS=false" in line for line in found)


def test_look_ups_need_a_way_to_send_codes() -> None:
    (problem,) = problems(Settings(demo=True, notify_sms="off", notify_email="off"))
    assert "no code can be sent" in problem


def test_where_nothing_is_looked_up_no_way_is_needed() -> None:
    assert problems(Settings(**CONTROLLER, case_status=False, notify_sms="govuk")) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        (GOVUK, "govuk_notify_key", ""),
        (GOVUK, "govuk_notify_key", f"{ID}-{ID}"),
        (GOVUK, "govuk_notify_key", "secret"),
        (GOVUK, "govuk_notify_url", "http://example.org"),
        (GOVUK, "govuk_notify_url", ""),
        (GOVUK, "govuk_notify_sms_template", ""),
        (GOVUK, "govuk_notify_email_template", "my template"),
        (SMTP, "smtp_host", ""),
        (SMTP, "notify_email_from", ""),
        (SMTP, "notify_email_from", "nobody"),
        (SMTP, "notify_email_from", "Nobody <noreply@post.example.org>"),
        (SMTP, "smtp_tls", "none"),
    ],
)
def test_what_would_keep_a_code_from_going_safely_is_named(
    given: dict[str, Any], name: str, value: str, demo: bool
) -> None:
    (problem,) = problems(Settings(**{**CONTROLLER, **given, name: value, "demo": demo}))
    assert problem.startswith(f"BOT_{name.upper()} ")


@pytest.mark.parametrize("sender", ["noreply@force.police.uk", "Victim.Care@post.example.org", "court@example.org"])
def test_an_address_that_tells_who_wrote_is_refused(sender: str) -> None:
    (problem,) = problems(Settings(**{**CONTROLLER, **SMTP, "notify_email_from": sender}))
    assert "must not learn" in problem


def test_only_the_template_of_a_channel_that_uses_notify_is_needed() -> None:
    given = {**CONTROLLER, **GOVUK, "notify_email": "off", "govuk_notify_email_template": ""}
    assert problems(Settings(**given)) == []


@pytest.mark.parametrize("secret", ["hunter2", f"hunter2 {ID}-{ID}"])
def test_a_wrong_key_of_notify_is_not_repeated_in_the_problem(secret: str) -> None:
    found = problems(Settings(**{**CONTROLLER, **GOVUK, "govuk_notify_key": secret}))
    assert found
    assert not any("hunter2" in line for line in found)


FORCE = {"case_source": "http", "case_api_url": "https://cases.example.org/v1", "case_api_token": "a-token"}


@pytest.mark.parametrize("url", ["https://cases.example.org/v1", "http://127.0.0.1:9000"])
def test_a_forces_own_system_is_asked_over_a_private_connection(url: str) -> None:
    assert problems(Settings(demo=True, **{**FORCE, "case_api_url": url})) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["", "http://cases.example.org", "https://", "cases.example.org", "https://[oops"])
def test_a_forces_own_system_without_a_private_connection_is_a_problem(url: str) -> None:
    (problem,) = problems(Settings(demo=True, **{**FORCE, "case_api_url": url}))  # type: ignore[arg-type]
    assert problem.startswith("BOT_CASE_API_URL must begin with https://")


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_a_token_that_no_header_can_carry_is_a_problem_and_not_repeated(token: str) -> None:
    (problem,) = problems(Settings(demo=True, **{**FORCE, "case_api_token": token}))  # type: ignore[arg-type]
    assert problem.startswith("BOT_CASE_API_TOKEN must be")
    assert not token or token not in problem


def test_the_forces_system_is_not_asked_for_where_cases_are_not_looked_up() -> None:
    assert problems(Settings(demo=True, case_status=False, case_source="http")) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("demo", False),
        ("host", "127.0.0.1"),
        ("allowed_origins", ""),
        ("trusted_proxy", False),
        ("has_console", False),
        ("collect_unanswered", False),
        ("unanswered_days", 14),
        ("case_source", "sql"),
        ("keys", ""),
        ("log_level", "INFO"),
        ("retention_hours", 24),
        ("smtp_tls", "starttls"),
    ],
)
def test_defaults_are_safe(name: str, safe: object) -> None:
    assert getattr(Settings(), name) == safe


def test_questions_are_not_kept_where_nobody_could_read_them() -> None:
    alone = Settings(demo=True, staff_console=False, collect_unanswered=True)
    assert not alone.collects_unanswered
    assert any("COLLECT_UNANSWERED" in problem for problem in problems(alone))
    assert Settings(demo=True, staff_console=True, collect_unanswered=True).collects_unanswered


def test_the_store_is_in_the_var_folder_by_default(tmp_path: Path) -> None:
    assert Settings(var_dir=str(tmp_path)).store_url == f"sqlite:///{tmp_path}/assistant.sqlite3"


def test_a_database_address_is_used_as_it_is() -> None:
    assert Settings(database_url="postgresql://here/db").store_url == "postgresql://here/db"


def test_a_demonstration_names_nobody_as_controller() -> None:
    assert "demonstration" in Settings(demo=True).controller


WEBHOOK = {
    "referral_delivery": "webhook",
    "referral_webhook_url": "https://example.org/referrals",
    "referral_webhook_secret": "x" * 32,
}
EMAIL = {
    "referral_delivery": "email",
    "referral_email_to": "referrals@example.org",
    "referral_email_from": "assistant@example.org",
    "smtp_host": "mail.example.org",
}


def test_without_a_decision_referrals_are_a_demonstration_in_demonstration_mode_only() -> None:
    assert (Settings(demo=True).referrals_go_by, Settings().referrals_go_by) == ("demo", "off")


@pytest.mark.parametrize("ready", [{"referral_delivery": "off"}, WEBHOOK, EMAIL])
def test_referrals_may_leave_safely_or_not_at_all(ready: dict[str, Any]) -> None:
    assert problems(Settings(**CONTROLLER, case_status=False, **ready)) == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"referral_delivery": "demo"}, "BOT_REFERRAL_DELIVERY"),
        (WEBHOOK | {"referral_webhook_url": "http://example.org/"}, "BOT_REFERRAL_WEBHOOK_URL"),
        (WEBHOOK | {"referral_webhook_secret": "short"}, "BOT_REFERRAL_WEBHOOK_SECRET"),
        (EMAIL | {"referral_email_to": ""}, "BOT_REFERRAL_EMAIL_TO"),
        (EMAIL | {"referral_email_from": ""}, "BOT_REFERRAL_EMAIL_FROM"),
        (EMAIL | {"smtp_host": ""}, "BOT_SMTP_HOST"),
        (EMAIL | {"smtp_tls": "none"}, "BOT_SMTP_TLS"),
        ({"referral_callback_secrets": "short"}, "BOT_REFERRAL_CALLBACK_SECRETS"),
    ],
)
def test_what_keeps_referrals_from_leaving_safely_is_a_problem(given: dict[str, Any], named: str) -> None:
    (problem,) = problems(Settings(**CONTROLLER, case_status=False, **given))
    assert problem.startswith(named)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, None),
        ({"staff_local_accounts": False}, "BOT_STAFF_OIDC_ISSUER"),
        ({"staff_oidc_issuer": "http://id.example"}, "BOT_STAFF_OIDC_ISSUER"),
        ({"staff_oidc_issuer": "https://id.example"}, "BOT_STAFF_ADDRESS"),
        (
            {"staff_oidc_issuer": "https://id.example", "staff_address": "https://console.example"},
            "BOT_STAFF_OIDC_CLIENT",
        ),
    ],
)
def test_staff_can_sign_in_and_safely(given: dict[str, Any], named: str | None) -> None:
    found = problems(Settings(demo=True, staff_console=True, **given))
    assert any(named in problem for problem in found) if named else found == []
    assert problems(Settings(demo=True, staff_console=False, **given)) == []
