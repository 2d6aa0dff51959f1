"""One installation: its settings, database, measures, secrets and rubrics, opened when needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa

from core import registry, secrets
from core.config import Config, ConfigError
from core.db import Db
from core.engine import create_engine
from core.files import FileStore
from core.jobs import Desk
from core.network.kept import Kept
from core.network.metrics.sqlite import SqliteMetricStore
from core.people.desk import Office, People
from core.people.model import Actor
from core.post import Post
from core.sessions import Limits


class Host:
    """What commands and processes work with. Nothing is opened before it is asked for."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def engine(self) -> sa.Engine:
        """The business database, unscoped: for the host, never for a rubric."""
        try:
            return create_engine(self.config.database_url)
        except sa.exc.ArgumentError as error:
            raise ConfigError(f"L'adresse de la base ne se lit pas : {error}") from error
        except ImportError as error:
            raise ConfigError(
                f"Il manque le pilote de la base ({error.name}) : pip install 'balise[postgresql]'."
            ) from error

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

        made = registry.Registry(registry.discover(), DATASETS)
        made.own_jobs = kinds(self)
        return made

    def desk(self, account_id: int, granted: frozenset[str], now: datetime) -> Desk:
        """Return where an account orders its jobs and finds them again."""
        folder = self.config.jobs_path
        return Desk(self.engine, folder, self.registry, account_id, granted, now)

    def post(self, now: datetime, db: Db) -> Post:
        """Return where a request, whose rows are those of ``db``, leaves its mails."""
        return Post(self.engine, lambda: self.vault, self.config, now, db)

    def people(self, actor: Actor | None, now: datetime) -> People:
        """Return where an administrator works on its users; None is nobody's."""
        office = Office(self.engine, lambda: self.registry, self.config, lambda: self.vault)
        return People(office, actor, now)

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
