"""One installation: its settings, database, measures, secrets and rubrics, opened when needed."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa

from core import audit_chain, registry, secrets
from core.answering import Answering
from core.config import Config, ConfigError
from core.customers import Customers
from core.db import Db
from core.engine import create_engine
from core.files import FileStore
from core.jobs import Desk
from core.journal import Journal
from core.network.kept import Kept
from core.network.metrics.sqlite import SqliteMetricStore
from core.office import Office
from core.people.desk import People
from core.people.model import Actor
from core.post import Post
from core.sessions import Limits


class Host:
    """What commands and processes work with. Nothing is opened before it is asked for."""

    def __init__(self, config: Config, *, safe_mode: bool = False) -> None:
        self.config = config
        self.safe_mode = safe_mode
        """Whether the host goes without any rubric."""

    @cached_property
    def engine(self) -> sa.Engine:
        """The business database, unscoped: for the host, never for a rubric."""
        try:
            return audit_chain.arm(create_engine(self.config.database_url), lambda: self._audit_key)
        except sa.exc.ArgumentError as error:
            raise ConfigError(f"L'adresse de la base ne se lit pas : {error}") from error
        except ImportError as error:
            raise ConfigError(
                f"Il manque le pilote de la base ({error.name}) : pip install 'balise[postgresql]'."
            ) from error

    @cached_property
    def _audit_key(self) -> bytes:
        return secrets.derived(secrets.secret_key(self.config), "audit")

    @cached_property
    def metrics(self) -> SqliteMetricStore:
        return SqliteMetricStore(self.config.measures_path, self.config.storage.raw_days)

    @cached_property
    def kept(self) -> Kept:
        """What this process keeps of the services of each scope."""
        return Kept()

    @cached_property
    def files(self) -> FileStore:
        """The files that rubrics keep."""
        return FileStore(self.config.files_path)

    @cached_property
    def vault(self) -> secrets.Vault:
        return secrets.Vault(secrets.secret_key(self.config))

    @cached_property
    def registry(self) -> registry.Registry:
        # Imports are made of the rest of the host.
        from core.imports.jobs import kinds
        from core.imports.own import DATASETS

        settings = self.config.rubrics
        trace = os.environ.get("BALISE_TRACE_HOOKS", "0") not in ("", "0")
        made = registry.Registry(
            registry.discover(),
            DATASETS,
            disabled=settings.disabled,
            safe_mode=self.safe_mode,
            load_seconds=settings.load_seconds,
            answering=Answering(settings.hook_seconds, trace),
        )
        made.own_jobs = kinds(self)
        if wrong := list(made.wrong_settings(settings.settings)):
            raise ConfigError("\n".join(f"{self.config.path} : {one}" for one in wrong))
        return made

    def desk(
        self, account_id: int, granted: frozenset[str], now: datetime, acting_for: int | None = None
    ) -> Desk:
        """Return where an account orders its jobs and finds them again."""
        folder = self.config.jobs_path
        return Desk(self.engine, folder, self.registry, account_id, granted, now, acting_for)

    @property
    def office(self) -> Office:
        """What the desks of administrators work with."""
        return Office(self, self.engine, lambda: self.registry, self.config, lambda: self.vault)

    def customers(
        self, actor: str, now: datetime, address: str | None, reference: str
    ) -> Customers:
        """Return where one of the operator's administrators works on its customers."""
        return Customers(self.office, actor, now, address, reference)

    def journal(self, customer_id: int | None) -> Journal:
        """Return the audit log as a customer's people see it, or ``journal.EVERYBODY``."""
        return Journal(self.engine, customer_id, self.registry.deeds)

    def post(self, now: datetime, db: Db) -> Post:
        """Return where a request, whose rows are those of ``db``, leaves its mails."""
        return Post(self.engine, lambda: self.vault, self.config, now, db)

    def people(self, actor: Actor | None, now: datetime) -> People:
        """Return where an administrator works on its users; None is nobody's."""
        return People(self.office, actor, now)

    @cached_property
    def reader(self) -> Host:
        """The same installation, on connections that cannot write."""
        return Reader(self)

    @property
    def limits(self) -> Limits:
        """How long sign-ins last."""
        web = self.config.web
        return Limits(timedelta(minutes=web.session_idle_minutes), timedelta(days=web.session_days))

    @property
    def stale_after(self) -> int:
        """Seconds past which a reading tells no state: three status intervals."""
        return 3 * self.config.collector.status_interval


class Reader(Host):
    """An installation that is only read: what it shares with the other is opened once."""

    def __init__(self, host: Host) -> None:
        super().__init__(host.config)
        self._host = host

    @cached_property
    def engine(self) -> sa.Engine:
        return create_engine(self.config.database_url, read_only=True)

    @property
    def metrics(self) -> SqliteMetricStore:
        return self._host.metrics

    @property
    def kept(self) -> Kept:
        return self._host.kept

    @property
    def vault(self) -> secrets.Vault:
        return self._host.vault

    @property
    def registry(self) -> registry.Registry:
        return self._host.registry
