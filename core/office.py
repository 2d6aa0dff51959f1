"""What the desks of administrators work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.config import Config
from core.registry import Registry
from core.secrets import Vault

if TYPE_CHECKING:
    from core.host import Host


@dataclass(frozen=True, slots=True)
class Office:
    """The host's own, never a rubric's."""

    host: Host
    engine: sa.Engine
    registry: Callable[[], Registry]
    config: Config
    vault: Callable[[], Vault]
