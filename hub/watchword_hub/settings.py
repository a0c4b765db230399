"""What the hub is told from outside: flags before environment (WATCHWORD_*) before `watchword.toml` before defaults.

A secret comes by environment or by a file of its own, never in the settings file, which people copy and mail around:
`WATCHWORD_SMTP_PASSWORD`, or the file that `WATCHWORD_SMTP_PASSWORD_FILE` names, or `<data_dir>/secrets/smtp_password`.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as NotJson

from .office import OfficeHours

PREFIX = "WATCHWORD_"
FILE_NAME = "watchword.toml"
SECRETS = (
    "broker_password",
    "pendant_broker_password",
    "pendant_network_password",
    "smtp_password",
    "webhook_secret",
    "sms_url",
    "push_url",
    "still_alive_url",
    "duress_phrase",
)


class SettingsError(Exception):
    """The settings can't be used; one line that says which, where it was set and what to write."""


class Settings(BaseSettings):
    """Every setting, with its meaning. Names are the same in file, environment and flags."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: Path.home() / ".local" / "share" / "watchword",
        description="everything that the hub keeps: journal, keys, broker",
    )
    timezone: str = Field("Europe/London", description="IANA zone of the times that people read and write")
    office_hours: str = Field(
        "Mon-Fri 09:00-17:00", description="when the office is open, in that zone; any other visit is out of hours"
    )
    office_closed: tuple[date, ...] = Field((), description="days on which it stays closed, as 2026-12-25")
    procedures_dir: Path | None = Field(
        None, description="folder of your own procedure files, read at the start; none: the built-in ones alone"
    )
    minute_ms: int = Field(
        60_000, ge=10, le=60_000, description="length of a procedure's minute; less only to demonstrate"
    )
    console_host: str = Field("127.0.0.1", description="address that the console listens on")
    console_port: int = Field(8470, ge=0, le=65535, description="0: any free one")
    console_names: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost", "::1"), description="names that people's browsers call the console by"
    )
    broker_url: str | None = Field(None, description="mqtts://host:port; none: the hub starts its own on this machine")
    broker_port: int = Field(0, ge=0, le=65535, description="of the hub's own broker; 0: as last time, or any free one")
    broker_user: str = Field("hub", description="user at a broker that is not the hub's own")
    broker_ca_file: Path | None = Field(None, description="authority of the broker's certificate; none: the system's")
    pendant_broker_url: str | None = Field(
        None, description="mqtts://host:port of the broker for pendants without a phone; none: no second path"
    )
    pendant_broker_ca_file: Path | None = Field(
        None, description="authority of that broker's certificate (PEM), which each pendant is given"
    )
    pendant_network: str = Field("", max_length=32, description="name of the Wi-Fi that pendants join for it")
    smtp_host: str | None = Field(None, description="mail server; none: contacts of kind mail can't be used")
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_from: str | None = Field(None, description="sender's address")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = Field("auto", description="auto: text on a terminal, else JSON lines")

    broker_password: SecretStr | None = None
    pendant_broker_password: SecretStr | None = Field(
        None, description="of the pendant that is provisioned, where the broker is not the hub's own"
    )
    pendant_network_password: SecretStr | None = Field(None, max_length=63, description="of the Wi-Fi for pendants")
    smtp_password: SecretStr | None = None
    webhook_secret: SecretStr | None = Field(None, description="key that signs what webhooks are sent")
    sms_url: SecretStr | None = Field(None, description="Apprise URL of a text gateway, with {address} for the number")
    push_url: SecretStr | None = Field(None, description="Apprise URL of a push service, with {address} for the person")
    still_alive_url: SecretStr | None = Field(None, description="outside address that is called while the hub lives")
    duress_phrase: SecretStr | None = Field(
        None, min_length=3, description="what a worker says on the phone when they can't speak freely"
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as e:
            raise ValueError(f"{name!r} is no time zone; write one as Europe/London") from e
        return name

    @field_validator("office_hours")
    @classmethod
    def _known_hours(cls, text: str) -> str:
        OfficeHours.parse(text)
        return text


def load(flags: Mapping[str, Any] | None = None, config: Path | None = None) -> Settings:
    """The settings in force; raises SettingsError. `flags`: what the command line gave, None values left out.

    `config`: a settings file that must exist; None: WATCHWORD_CONFIG, or watchword.toml here if there is one.
    """
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    path = _config_path(config)
    in_file = _read_file(path) if path else {}
    first = _build(given, in_file, path)
    secrets = {name: secret for name in SECRETS if (secret := _secret(name, first.data_dir)) is not None}
    return _build({**given, **secrets}, in_file, path) if secrets else first


def _build(given: Mapping[str, Any], in_file: Mapping[str, Any], path: Path | None) -> Settings:
    class Here(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, dict(in_file))

    try:
        return Here(**given)
    except NotJson as e:  # it names the setting and never the value
        raise SettingsError(f'environment: {e}: write a list as JSON, as ["hub.example"]') from None
    except ValidationError as e:
        problem = e.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise SettingsError(f"setting {name} ({_origin(name, given, in_file, path)}): {problem['msg']}") from None


def _origin(name: str, given: Mapping[str, Any], in_file: Mapping[str, Any], path: Path | None) -> str:
    if name in given:
        return "flag"
    if PREFIX + name.upper() in os.environ:
        return PREFIX + name.upper()
    return str(path) if name in in_file else "default"


def _config_path(config: Path | None) -> Path | None:
    chosen = config or (Path(os.environ[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in os.environ else None)
    if chosen is not None:
        return chosen
    return Path(FILE_NAME) if Path(FILE_NAME).exists() else None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        raise SettingsError(f"settings file {path} can't be read: {e}") from e
    except tomllib.TOMLDecodeError as e:
        raise SettingsError(f"settings file {path}: {e}") from e
    for name in SECRETS:
        if name in tree:
            raise SettingsError(
                f"settings file {path} holds {name}: take it out, and give it by {PREFIX}{name.upper()} or in the file "
                f"<data_dir>/secrets/{name}, which only the hub's user can read"
            )
    unknown = sorted(set(tree) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(f"settings file {path}: there is no setting {unknown[0]!r}; see watchword settings")
    return tree


def _secret(name: str, data_dir: Path) -> str | None:
    """A secret out of a file; None: there is none (the environment's own value is read as any setting)."""
    if PREFIX + name.upper() in os.environ:
        return None
    named = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
    path = Path(named) if named else data_dir / "secrets" / name
    if not named and not path.exists():
        return None
    try:
        if not named and path.stat().st_mode & 0o077:
            raise SettingsError(f"secret file {path} can be read by others: chmod 600 it")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as e:
        raise SettingsError(f"secret file {path} can't be read: {e}") from e
