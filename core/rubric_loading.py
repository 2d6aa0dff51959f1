"""Finding rubrics and importing them: for so long and no longer, and undone when it fails."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import os
import pkgutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version
from sqlalchemy import orm

from core import time_limit
from core.db import Base
from core.i18n import _

ENTRY_POINTS = "balise.rubrics"
HOST = "balise"
"""The distribution of the host and of the rubrics that come with it."""


class RubricRefused(Exception):
    """A rubric cannot be taken in; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A rubric that was found: where it stands, whose it is, how to load it.

    ``id`` is the name of its folder or entry point, which its own id must be; ``requires`` the
    versions of Balise that its distribution asks for.
    """

    name: str
    distribution: str
    load: Callable[[], Any]
    id: str = ""
    version: str = ""
    requires: str = ""


def host_version() -> str:
    """Return the version of Balise that runs."""
    try:
        return importlib.metadata.version(HOST)
    except importlib.metadata.PackageNotFoundError:  # a folder that was never installed
        return "0"


def discover(package: str = "plugins") -> Iterator[Found]:
    """Yield every rubric there is: subfolders of ``package``, then installed ones."""
    own = host_version()
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module.ispkg:
            name = f"{package}.{module.name}.plugin"
            load = partial(importlib.import_module, name)
            yield Found(name, HOST, load, module.name.replace("_", "-"), own)
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        dist = point.dist
        asked = _of_host(dist.requires or []) if dist else ""
        owner, version = (dist.name, dist.version) if dist else ("?", "")
        yield Found(point.value, owner, point.load, point.name, version, asked)


def _of_host(requirements: Sequence[str]) -> str:
    """Return what a distribution asks of the version of Balise."""
    for text in requirements:
        try:
            one = Requirement(text)
        except InvalidRequirement:
            continue
        if one.name.lower() == HOST and one.marker is None:
            return str(one.specifier)
    return ""


def check_version(requires: str) -> None:
    """Raise ``RubricRefused`` when this Balise is none of the versions a rubric asks for."""
    own = host_version()
    try:
        fits = SpecifierSet(requires, prereleases=True).contains(Version(own))
    except InvalidSpecifier as error:
        raise RubricRefused(
            _("« %(v)s » n’est pas une suite de versions (PEP 440).", v=requires)
        ) from error
    if not fits:
        raise RubricRefused(
            _(
                "Écrite pour Balise %(v)s ; celle-ci est la %(own)s. Mettez à jour l’une ou "
                "l’autre.",
                v=requires,
                own=own,
            )
        )


@dataclass(slots=True)
class Loaded:
    """A rubric that was imported: its module, in how many seconds, what else its import did."""

    plugin: Any
    seconds: float
    effects: Sequence[str] = ()
    _before: _Before | None = field(default=None, repr=False)

    def undo(self) -> None:
        """Take out of the process what the import put in."""
        if self._before is not None:
            self._before.restore()


def load(found: Found, seconds: float) -> Loaded:
    """Import a rubric. Raises what its import raised, once that is undone, and ``RubricRefused``
    when it does not end within ``seconds`` or breaks the models of everybody.
    """
    check_version(found.requires)
    importlib.import_module("core.api")  # the host's own models are no effect of a rubric
    before, began = _Before(found.name), time.monotonic()
    try:
        plugin = time_limit.within(seconds, found.load)
        if before.models():
            orm.configure_mappers()  # a wrong relationship would fail each query of the host
    except time_limit.TimeLimit as error:
        before.restore()
        text = _("Son chargement ne finit pas (plus de %(n)s s).", n=f"{seconds:g}")
        raise RubricRefused(text) from error
    except ImportError as error:
        before.restore()
        raise RubricRefused(_missing(error)) from error
    except BaseException:
        before.restore()
        raise
    took = time.monotonic() - began
    return Loaded(plugin, took, before.effects(), before)


def _missing(error: ImportError) -> str:
    """Return what to do about an import that fails."""
    why = f"{type(error).__name__}: {error}"
    if error.name == "core.api":
        return _(
            "%(why)s. Elle est écrite pour une autre version de Balise que la %(own)s.",
            why=why,
            own=host_version(),
        )
    if isinstance(error, ModuleNotFoundError):
        return _("%(why)s. Installez ce qui manque dans l’environnement de Balise.", why=why)
    return why


class _Before:
    """The process as it was before an import."""

    def __init__(self, name: str) -> None:
        module = name.partition(":")[0]
        self._package = module.rpartition(".")[0] or module
        self._modules = set(sys.modules)
        self._managers = set(_managers())
        self._tables = set(Base.metadata.tables)
        self._path, self._environ, self._folder = [*sys.path], dict(os.environ), Path.cwd()
        self._threads = set(threading.enumerate())
        self._handlers = [*logging.getLogger().handlers]
        self._strays = len(_dash_callbacks())

    def models(self) -> list[Any]:
        """Return what SQLAlchemy keeps of the models that came since, half-made ones too."""
        return [one for one in _managers() if one not in self._managers]

    def effects(self) -> list[str]:
        """Return what changed that an import has no business with; what can be is put back."""
        found = []
        if sys.path != self._path:
            found.append("sys.path")
            sys.path[:] = self._path
        if changed := sorted(k for k, v in os.environ.items() if self._environ.get(k) != v):
            found.append(f"os.environ ({', '.join(changed)})")
        if gone := sorted(set(self._environ) - set(os.environ)):
            found.append(f"os.environ ({', '.join(gone)})")
        if changed or gone:
            os.environ.clear()
            os.environ.update(self._environ)
        if Path.cwd() != self._folder:
            found.append("os.chdir")
            os.chdir(self._folder)
        if logging.getLogger().handlers != self._handlers:
            found.append("logging")
            logging.getLogger().handlers[:] = self._handlers
        threads = set(threading.enumerate()) - self._threads
        names = sorted(one.name for one in threads if one.name != "balise-limited")
        if names:
            found.append(f"threads ({', '.join(names)})")
        strays = _dash_callbacks()[self._strays :]
        if strays:
            found.append(f"dash.callback ({', '.join(one['output'] for one in strays)})")
        return found

    def restore(self) -> None:
        """Take out the modules, models and tables that came since."""
        self.effects()
        registry: Any = Base.registry
        for manager in self.models():
            # SQLAlchemy disposes of all mappers of a registry or of none by its public names.
            registry._dispose_manager_and_mapper(manager)  # noqa: SLF001 - see above
            registry._managers.pop(manager, None)  # noqa: SLF001 - see above
        for name in set(Base.metadata.tables) - self._tables:
            Base.metadata.remove(Base.metadata.tables[name])
        del _dash_callbacks()[self._strays :]
        for name in set(sys.modules) - self._modules:
            if f"{name}.".startswith(f"{self._package}."):
                del sys.modules[name]


def _managers() -> list[Any]:
    """Return what SQLAlchemy keeps of each model; ``registry.mappers`` fails on half-made ones."""
    registry: Any = Base.registry
    return list(registry._managers)  # noqa: SLF001 - see above


def _dash_callbacks() -> list[Any]:
    """Return the callbacks that were declared behind the host's back; none without Dash."""
    module = sys.modules.get("dash._callback")
    found: list[Any] = getattr(module, "GLOBAL_CALLBACK_LIST", [])
    return found
