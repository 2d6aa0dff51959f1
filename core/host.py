"""One installation: its settings, database, measures, secrets and rubrics, opened when needed."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

import sqlalchemy as sa

from core import db, migrate, registry, secrets
from core.config import Config
from core.network.metrics.sqlite import SqliteMetricStore
from core.sessions import Limits


class Host:
    """What commands and processes work with. Nothing is opened before it is asked for."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def engine(self) -> sa.Engine:
        """The business database, unscoped: for the host, never for a rubric."""
        return db.create_engine(self.config.database_url)

    @cached_property
    def metrics(self) -> SqliteMetricStore:
        return SqliteMetricStore(self.config.measures_path, self.config.storage.raw_days)

    @cached_property
    def vault(self) -> secrets.Vault:
        return secrets.Vault(secrets.secret_key(self.config))

    @cached_property
    def registry(self) -> registry.Registry:
        """The rubrics; their migrations count from here on."""
        found = registry.Registry(registry.discover())
        migrate.use(found)
        return found

    @property
    def limits(self) -> Limits:
        """How long sign-ins last."""
        web = self.config.web
        return Limits(timedelta(minutes=web.session_idle_minutes), timedelta(days=web.session_days))

    @property
    def stale_after(self) -> int:
        """Seconds past which a reading tells no state: three status intervals."""
        return 3 * self.config.collector.status_interval
