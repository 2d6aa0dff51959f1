"""``config.yaml``: read, overridden by the environment, checked; a typo gets the nearest name."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

PREFIX = "BALISE_"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
SECRETS = ("secret_key", "database_url", "mail_password")
"""Settings from the environment alone: ``BALISE_X``, or a file named by ``BALISE_X_FILE``."""
OF_COMMANDS = (
    *("CONFIG", "PASSWORD", "COMMUNITY", "AUTH_PASSWORD", "PRIV_PASSWORD"),
    *("SAFE_MODE", "TRACE_HOOKS"),
)
"""What commands take from the environment, and is no setting."""
LISTS = ("menu", "labels", "folders", "disabled", "settings")
"""Settings that are lists or tables, which a variable gives as YAML."""


class ConfigError(Exception):
    """The configuration cannot be used; the message says where and what to write instead."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Operator(_Section):
    name: str = "Opérateur"
    title: str = "Extranet Client"
    logo: str | None = None
    support: str = ""
    sales: str = ""
    incidents: str = ""
    welcome: str = ""


class Web(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8050, ge=1, le=65535)
    public_url: str = "http://127.0.0.1:8050"
    workers: int = Field(2, ge=1, le=64)
    threads: int = Field(6, ge=1, le=64)
    proxy_hops: int = Field(0, ge=0, le=5)
    session_idle_minutes: int = Field(480, ge=5)
    session_days: int = Field(30, ge=1, le=365)
    staff_two_factor: bool = False


class Storage(_Section):
    data: Path = Path("var")
    database: str | None = None
    measures: Path | None = None
    raw_days: int = Field(10, ge=1, le=90)


class Collector(_Section):
    status_interval: int = Field(30, ge=5, le=3600)
    traffic_interval: int = Field(60, ge=10, le=3600)
    processes: int = Field(0, ge=0, le=64)
    threads: int = Field(64, ge=1, le=1024)
    timeout: float = Field(1.0, gt=0, le=30)
    retries: int = Field(1, ge=0, le=5)
    engine: Literal["easysnmp", "gufo"] = "easysnmp"
    rate: int = Field(0, ge=0)
    metrics_port: int = Field(0, ge=0, le=65535)


class Quality(_Section):
    loss_percent: float = Field(2.0, gt=0, le=100)
    rtt_ms: float = Field(300.0, gt=0)
    jitter_ms: float = Field(50.0, gt=0)
    errors_per_minute: float = Field(60.0, gt=0)
    flaps: int = Field(5, ge=3)
    flap_minutes: int = Field(15, ge=1, le=1440)


class Display(_Section):
    language: Literal["fr", "en"] = "fr"
    timezone: str = "Europe/Paris"
    refresh_seconds: int = Field(10, ge=2, le=900)
    menu: list[str] = Field(
        default=[
            "Commandes",
            "Supervision",
            "Support / Incidents",
            "Consommations",
            "Factures",
            "Administration",
        ]
    )
    labels: dict[str, str] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in available_timezones():
            close = difflib.get_close_matches(name, available_timezones(), n=1)
            hint = f" ; vouliez-vous dire « {close[0]} » ?" if close else ""
            raise ValueError(f"fuseau horaire inconnu{hint}")
        return name


class Profile(_Section):
    name: str = Field(min_length=1, max_length=60)
    permissions: list[str]


class Accounts(_Section):
    direct_passwords: bool = False
    profiles: list[Profile] = Field(
        default=[
            Profile(name="Comptabilité", permissions=["factures:*"]),
            Profile(
                name="Technique",
                permissions=["supervision:*", "consommations:*", "commandes:*", "incidents:*"],
            ),
            Profile(
                name="NOC", permissions=["supervision:read", "consommations:read", "incidents:*"]
            ),
            Profile(
                name="Consultation",
                permissions=["supervision:read", "consommations:read", "incidents:read"],
            ),
        ]
    )


class Map(_Section):
    tiles: str | None = None
    attribution: str = ""

    @field_validator("tiles")
    @classmethod
    def _address(cls, tiles: str | None) -> str | None:
        if tiles is None:
            return None
        parts = urlsplit(tiles)
        named = all(name in parts.path for name in ("{z}", "{x}", "{y}"))
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc) or not named:
            raise ValueError(
                "une adresse comme « https://tuiles.exemple.fr/{z}/{x}/{y}.png » est attendue"
            )
        return tiles


class ImportFolder(_Section):
    path: Path
    dataset: str
    source: str | None = None
    customer: str | None = None
    partial: bool = False
    allow_closing: bool = False


class Imports(_Section):
    folders: list[ImportFolder] = Field(default_factory=list)


class Rubrics(_Section):
    disabled: list[str] = Field(default_factory=list)
    hook_seconds: float = Field(5.0, gt=0, le=60)
    load_seconds: float = Field(20.0, gt=0, le=300)
    settings: dict[str, dict[str, str]] = Field(default_factory=dict)


class Mail(_Section):
    host: str | None = None
    port: int = 25
    starttls: bool = False
    user: str | None = None
    sender: str = "extranet@localhost"


class Config(_Section):
    """All settings, one attribute a section of ``config.yaml``."""

    operator: Operator = Operator()
    web: Web = Web()
    storage: Storage = Storage()
    collector: Collector = Collector()
    quality: Quality = Quality()
    display: Display = Display()
    accounts: Accounts = Accounts()
    map: Map = Map()
    imports: Imports = Imports()
    rubrics: Rubrics = Rubrics()
    mail: Mail = Mail()
    demo: bool = False
    secret_key: str | None = Field(None, repr=False, exclude=True)
    mail_password: str | None = Field(None, repr=False, exclude=True)
    path: Path = Field(Path("config.yaml"), exclude=True)

    @property
    def data(self) -> Path:
        """The folder of everything Balise writes, absolute."""
        folder = self.storage.data
        return folder if folder.is_absolute() else (self.path.parent / folder).resolve()

    @property
    def database_url(self) -> str:
        return self.storage.database or f"sqlite:///{self.data / 'balise.db'}"

    @property
    def jobs_path(self) -> Path:
        """The folder of the files that jobs made."""
        return self.data / "jobs"

    @property
    def files_path(self) -> Path:
        """The folder of the files that rubrics keep: invoices."""
        return self.data / "files"

    @property
    def imports_path(self) -> Path:
        """The folder of the files of imports under way, and of what they rejected."""
        return self.data / "imports"

    @property
    def measures_path(self) -> Path:
        return self.storage.measures or self.data / "measures.db"


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Return the settings of ``path`` (all defaults when it does not exist) and the environment.

    ``BALISE_WEB_PORT=9000`` overrides ``web: port:``. Raises ``ConfigError``.
    """
    try:
        values = yaml.safe_load(path.read_text()) if path.exists() else {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} : ce n'est pas du YAML valide.\n{error}") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path} : des sections sont attendues, comme « web: ».")
    values = {str(name): {} if part is None else part for name, part in values.items()}
    for name in (*SECRETS, "path"):
        if name in values:
            raise ConfigError(
                f"{path} : « {name} » n'est pas un réglage de ce fichier ; "
                f"donnez-le par {PREFIX}{name.upper()}_FILE."
            )
    values = _overridden(values, environ)
    try:
        return Config(**values, path=path.resolve())
    except ValidationError as error:
        raise ConfigError("\n".join(_say(path, e) for e in error.errors())) from error


def _overridden(values: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    result = {k: dict(v) if isinstance(v, dict) else v for k, v in values.items()}
    for variable, raw in environ.items():
        given = variable.removeprefix(PREFIX).removesuffix("_FILE")
        if not variable.startswith(PREFIX) or given in OF_COMMANDS:
            continue
        name, text = variable.removeprefix(PREFIX).lower(), raw
        if name.endswith("_file"):
            name = name.removesuffix("_file")
            try:
                text = Path(raw).read_text().strip()
            except OSError as error:
                raise ConfigError(
                    f"{variable} : {raw} ne se lit pas ({error.strerror})."
                ) from error
        if name == "database_url":
            result.setdefault("storage", {})["database"] = text
            continue
        section, _, key = name.partition("_")
        if name in ("demo", *SECRETS):
            result[name] = text
        elif section in _names() and key:
            part = result.setdefault(section, {})
            if not isinstance(part, dict):
                raise ConfigError(f"« {section} » doit être une section, pas {part!r}.")
            part[key] = _value(text) if key in LISTS else text
        else:
            raise ConfigError(f"{variable} : variable inconnue.{_nearest(section, _names())}")
    return result


def _value(text: str) -> Any:
    """Return a list or a table given in a variable; the text itself when it is neither."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _names() -> list[str]:
    return [name for name in Config.model_fields if name not in ("path", *SECRETS)]


def _nearest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f" Vouliez-vous dire « {close[0]} » ?" if close else f" Connus : {', '.join(names)}."


def _say(path: Path, error: Any) -> str:
    where = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        names = _names()
        if len(where) > 1:
            section = Config.model_fields[where[0]].annotation
            names = list(getattr(section, "model_fields", []))
        return f"{path} : « {'.'.join(where)} » est inconnu.{_nearest(where[-1], names)}"
    return f"{path} : « {'.'.join(where)} » : {error['msg']} (reçu : {error['input']!r})"
