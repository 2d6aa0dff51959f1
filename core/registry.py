"""Which rubrics there are, which one owns what, and what became of the others."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pluggy
import structlog
from werkzeug.routing import Map, Rule

from core import hookspecs, i18n, rubric_loading, time_limit
from core.access import Permission
from core.answering import ANSWERS, Answering
from core.datasets import Dataset
from core.exports import KINDS
from core.i18n import _
from core.journal import DEEDS
from core.rubric import Context, JobKind, Rubric
from core.rubric_loading import Found, Loaded, RubricRefused, discover

__all__ = ["ANSWERS", "RESERVED", "Failure", "Found", "Registry", "discover"]

log = structlog.get_logger("balise.registry")

RESERVED = frozenset(
    {"agir", "aide", "apercu", "assets", "compte", "connexion", "deconnexion", "exploitation"}
    | {"healthz", "imports", "langue", "mot-de-passe", "mur", "murs", "portail", "readyz"}
    | {"sante", "travaux"}
)
"""First parts of the host's own addresses."""
LOAD_SECONDS = 20.0
"""How long a rubric may take to be imported, unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A rubric set aside, and why; or a part of one, of a rubric that goes on (``part``)."""

    name: str
    distribution: str
    error: str
    id: str = ""
    version: str = ""
    part: bool = False


class Registry:
    """The rubrics in service. One that cannot load is set aside, with its reason.

    Those whose id is in ``disabled`` are not imported; in ``safe_mode`` none is.
    """

    def __init__(
        self,
        found: Iterable[Found],
        datasets: Sequence[Dataset] = (),
        *,
        disabled: Iterable[str] = (),
        safe_mode: bool = False,
        load_seconds: float = LOAD_SECONDS,
        answering: Answering | None = None,
    ) -> None:
        self.own_datasets = datasets
        self.own_jobs: dict[str, JobKind] = {}
        self.rubrics: dict[str, Rubric] = {}
        self.owners: dict[str, str] = {}
        self.loaded: dict[str, tuple[Found, Loaded]] = {}
        """Where each rubric in service comes from, and how its import went."""
        self.failures: list[Failure] = []
        self.disabled: dict[str, Found] = {}
        """Those that the configuration, or safe mode, keeps out."""
        self.safe_mode = safe_mode
        self.answering = answering or Answering()
        self._load_seconds = load_seconds
        self._pm = pluggy.PluginManager("balise")
        self._pm.add_hookspecs(hookspecs)
        for candidate in found:
            if safe_mode or candidate.id in disabled:
                self.disabled[candidate.id] = candidate
                continue
            try:
                self._admit(candidate)
            except (Exception, SystemExit, time_limit.TimeLimit) as error:  # noqa: BLE001 - never stops the host
                told = isinstance(error, RubricRefused)
                why = str(error) if told else f"{type(error).__name__}: {error}"
                self.failures.append(
                    Failure(
                        candidate.name, candidate.distribution, why, candidate.id, candidate.version
                    )
                )
                log.error("rubric set aside", rubric=candidate.name, error=why)

    def _admit(self, candidate: Found) -> None:
        loaded = rubric_loading.load(candidate, self._load_seconds)
        try:
            rubric, hooks = self._declared(loaded.plugin, candidate)
            self._check(rubric)
            if candidate.id and rubric.id != candidate.id:
                raise RubricRefused(
                    _(
                        "Son identifiant « %(id)s » n’est pas le nom de son dossier ou de son "
                        "point d’entrée, « %(name)s ».",
                        id=rubric.id,
                        name=candidate.id,
                    )
                )
        except BaseException:
            if self._pm.get_name(loaded.plugin) == candidate.name:
                self._pm.unregister(loaded.plugin)
            loaded.undo()
            raise
        if rubric.locale:
            i18n.add_folder(Path(rubric.locale))
        self.rubrics[rubric.id] = rubric
        self.owners[rubric.id] = f"{candidate.name} ({candidate.distribution})"
        self.loaded[rubric.id] = candidate, loaded
        self.answering.hooks[rubric.id] = hooks

    def _declared(
        self, plugin: Any, candidate: Found
    ) -> tuple[Rubric, dict[str, Callable[..., Any]]]:
        """Return what a plugin declares, and the hooks that it answers."""
        self._pm.register(plugin, candidate.name)
        self._pm.check_pending()
        hooks: dict[str, Callable[..., Any]] = {}
        for caller in self._pm.get_hookcallers(plugin) or ():
            for impl in caller.get_hookimpls():
                if impl.plugin is plugin:
                    if impl.wrapper or impl.hookwrapper:
                        raise TypeError(f"{caller.name}: a rubric answers for itself alone")
                    hooks[caller.name] = _taking(impl.function, impl.argnames)
        rubric = None
        if asked := hooks.pop("rubric", None):
            rubric = time_limit.within(self._load_seconds, asked)
        if not isinstance(rubric, Rubric):
            raise TypeError("rubric() must return one core.api.Rubric")
        rubric_loading.check_version(rubric.requires_balise)
        return rubric, hooks

    def _check(self, rubric: Rubric) -> None:
        """Refuse a rubric that repeats what another has, before anything of it is kept."""
        if rubric.id in self.rubrics:
            raise ValueError(
                f"rubric {rubric.id!r} already exists: {self.owners[rubric.id]} has it"
            )
        if rubric.id in RESERVED:
            raise ValueError(f"{rubric.id!r} is an address of the host")
        outputs = _outputs(rubric)
        theirs = {output: id for id, r in self.rubrics.items() for output in _outputs(r)}
        for output in outputs:
            if output in theirs or outputs.count(output) > 1:
                whose = theirs.get(output, rubric.id)
                raise ValueError(f"callback output {output!r} already exists ({whose})")
        taken = {_plain(path): id for id, r in self.rubrics.items() for path in _paths(r)}
        paths = _paths(rubric)
        plain = [_plain(path) for path in paths]
        for path in paths:
            if (other := taken.get(_plain(path))) or plain.count(_plain(path)) > 1:
                raise ValueError(f"address {path!r} already exists ({other or rubric.id})")
        names = [kind.name for kind in rubric.jobs]
        if len(names) > len(set(names)):
            raise ValueError(f"a kind of job is declared twice: {', '.join(sorted(names))}")
        known = [*self.datasets(), *(dataset.name for dataset in rubric.datasets)]
        if len(known) > len(set(known)):
            twice = sorted({name for name in known if known.count(name) > 1})
            raise ValueError(f"dataset already exists: {', '.join(twice)}")
        Map([Rule(path) for path in paths])  # a malformed address is refused here

    def ask(
        self, hook: str, ctx: Context, failed: list[Rubric] | None = None, **arguments: Any
    ) -> Iterator[tuple[str, Any]]:
        """Yield (rubric id, item) of each list that the rubrics this user may read answer.

        A rubric that raises, is late, or answers something else is logged, passed over, and added
        to ``failed``; so is one that is left out for now.
        """
        asked = [id for id, rubric in self.rubrics.items() if ctx.may(rubric.read)]
        lost: list[str] = []
        yield from self.answering.ask(asked, hook, ctx, arguments, lost)
        if failed is not None:
            failed += [self.rubrics[id] for id in lost]

    def owner_of(self, path: str) -> str | None:
        """Return the id of the rubric in service whose addresses begin as this one does."""
        first = path.strip("/").partition("/")[0]
        return first if first in self.rubrics else None

    def absent(self, path: str) -> tuple[str, str | None] | None:
        """Return (id, why) of a rubric not in service whose address this would be; the reason is
        None for one that was disabled on purpose.
        """
        first = path.strip("/").partition("/")[0]
        if first in self.disabled:
            return first, None
        whole = (failure for failure in self.failures if not failure.part)
        return next(((first, one.error) for one in whole if first and one.id == first), None)

    def wrong_settings(self, settings: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
        """Yield what is wrong, in words, with what ``config.yaml`` sets of rubrics, by their id."""
        for id, given in settings.items():
            rubric = self.rubrics.get(id)
            if rubric is None and not (self.failures or self.disabled or self.safe_mode):
                # It may be the one that is not in service.
                close = _nearest(id, self.rubrics)
                yield f"« rubrics.settings.{id} » : aucune rubrique de ce nom{close}."
                continue
            known = rubric.settings if rubric else {}
            for name, value in given.items():
                if name not in known:
                    yield f"« rubrics.settings.{id}.{name} » est inconnu{_nearest(name, known)}."
                elif wrong := known[name](value):
                    yield f"« rubrics.settings.{id}.{name} » : {wrong}"

    def job_kinds(self) -> dict[str, JobKind]:
        """Return the kinds of jobs of the rubrics in service, by « rubric.name », and our own."""
        return self.own_jobs | {
            f"{rubric.id}.{kind.name}": kind
            for rubric in self.rubrics.values()
            for kind in rubric.jobs
        }

    def deeds(self) -> dict[str, str]:
        """Return what each action of the audit log is in words: the host's, and the rubrics'."""
        told = {a: w for rubric in self.rubrics.values() for a, w in rubric.deeds.items()}
        return told | dict(DEEDS)

    def datasets(self) -> dict[str, Dataset]:
        """Return what can be brought in, by name: the host's own first, in order."""
        own = {dataset.name: dataset for dataset in self.own_datasets}
        return own | {d.name: d for rubric in self.rubrics.values() for d in rubric.datasets}

    def permissions(self) -> dict[str, Permission]:
        """Return every permission that can be granted, by key."""
        return {
            permission.key: permission
            for rubric in self.rubrics.values()
            for permission in (rubric.read, *rubric.permissions)
        }


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" ; vouliez-vous dire « {close[0]} »" if close else ""


def _paths(rubric: Rubric) -> list[str]:
    """Return the addresses of the pages, downloads and uploads of a rubric."""
    files = [f"{d.path}.{kind}" for d in rubric.downloads for kind in d.kinds or KINDS]
    return [*(page.path for page in rubric.pages), *files, *(u.path for u in rubric.uploads)]


def _plain(path: str) -> str:
    """Return an address without the names of its parts: two that differ by those are the same."""
    return re.sub(r"<(?:(\w+)[^:<>]*:)?\w+>", lambda part: f"<{part[1] or ''}>", path.rstrip("/"))


def _taking(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """Return a function of all arguments of a hook, that is given those which it named."""

    def call(**arguments: Any) -> Any:
        return function(**{name: arguments[name] for name in names})

    return call


def _outputs(rubric: Rubric) -> list[str]:
    """Return what the callbacks of a rubric write, as « id.property »."""
    flat: list[Any] = []
    for callback in rubric.callbacks:
        for part in callback.dependencies:
            flat += part if isinstance(part, list | tuple) else [part]
    # Told by its name: the collector reads this module too, and goes without Dash.
    return [str(part) for part in flat if type(part).__name__ == "Output"]
