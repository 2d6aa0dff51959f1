"""Everything a rubric may import from the host. The rest of ``core`` can change."""

from core.access import OutOfScope, Permission, Scope
from core.db import Company, Customer, Db, Owned, Shared
from core.hookspecs import hookimpl
from core.i18n import N_, _, ngettext
from core.network.inventory import Contact, Device, Link, LinkRole, Service, Site, StateChange
from core.network.metrics import MetricStore, Percentile, Series, Volume
from core.network.status import Reason, State
from core.rubric import (
    Action,
    Badge,
    Callbacks,
    Card,
    Context,
    Page,
    Pages,
    Rubric,
    Tab,
)

__all__ = [
    "Action",
    "Badge",
    "Callbacks",
    "Card",
    "Company",
    "Contact",
    "Context",
    "Customer",
    "Db",
    "Device",
    "Link",
    "LinkRole",
    "MetricStore",
    "N_",
    "OutOfScope",
    "Owned",
    "Page",
    "Pages",
    "Percentile",
    "Permission",
    "Reason",
    "Rubric",
    "Scope",
    "Series",
    "Service",
    "Shared",
    "Site",
    "State",
    "StateChange",
    "Tab",
    "Volume",
    "_",
    "hookimpl",
    "ngettext",
]
