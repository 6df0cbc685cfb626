"""Settings: where they come from, what is refused, and what is missing outside demonstration mode."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.settings import Settings, SettingsError, load, problems

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
    found = problems(Settings())
    assert [line.split(" ")[0] for line in found] == [f"BOT_{name.upper()}" for name in CONTROLLER]


@pytest.mark.parametrize("name", CONTROLLER)
def test_each_missing_setting_is_a_problem_of_its_own(name: str) -> None:
    given: dict[str, Any] = {key: value for key, value in CONTROLLER.items() if key != name}
    (problem,) = problems(Settings(**given))
    assert problem.startswith(f"BOT_{name.upper()} is missing")


def test_with_everything_set_the_service_may_start() -> None:
    assert problems(Settings(**CONTROLLER)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("demo", [True, False])
def test_a_key_that_is_none_is_a_problem(demo: bool) -> None:
    given: dict[str, Any] = {**CONTROLLER, "keys": "secret", "demo": demo}
    (problem,) = problems(Settings(**given))
    assert problem.startswith("BOT_KEYS holds something that is not a Fernet key")


def test_a_wrong_key_is_not_repeated_in_the_problem() -> None:
    assert not any("hunter2" in line for line in problems(Settings(demo=True, keys="hunter2")))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("demo", False),
        ("host", "127.0.0.1"),
        ("allowed_origins", ""),
        ("trusted_proxy", False),
        ("staff_console", False),
        ("keys", ""),
        ("log_level", "INFO"),
        ("retention_hours", 24),
    ],
)
def test_defaults_are_safe(name: str, safe: object) -> None:
    assert getattr(Settings(), name) == safe


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
    assert problems(Settings(**CONTROLLER, **ready)) == []


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
    (problem,) = problems(Settings(**CONTROLLER, **given))
    assert problem.startswith(named)
