"""Which rubrics there are, which one owns what, and what became of the others."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pluggy
import structlog
from werkzeug.routing import Map, Rule

from core import hookspecs, i18n
from core.access import Permission
from core.answers import Action, Badge, Card, Explanation, Tab
from core.datasets import Dataset
from core.rubric import Context, JobKind, Rubric
from core.scenes import Scene

log = structlog.get_logger("balise.registry")

ENTRY_POINTS = "balise.rubrics"
ANSWERS = {
    "home_cards": Card,
    "link_tabs": Tab,
    "link_badges": Badge,
    "link_actions": Action,
    "explanations": Explanation,
    "wall_scenes": Scene,
}
"""What each hook answers a list of."""
RESERVED = frozenset(
    {"aide", "apercu", "assets", "connexion", "deconnexion", "healthz", "langue", "mot-de-passe"}
    | {"imports", "mur", "murs", "readyz", "sante", "travaux"}
)
"""First parts of the host's own addresses."""


@dataclass(frozen=True, slots=True)
class Found:
    """A rubric that was found: where it stands, whose it is, how to load it."""

    name: str
    distribution: str
    load: Callable[[], Any]


def discover(package: str = "plugins") -> Iterator[Found]:
    """Yield every rubric there is: subfolders of ``package``, then installed ones."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module.ispkg:
            name = f"{package}.{module.name}.plugin"
            yield Found(name, "balise", partial(importlib.import_module, name))
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        owner = point.dist.name if point.dist else "?"
        yield Found(point.value, owner, point.load)


@dataclass(frozen=True, slots=True)
class Failure:
    """A rubric set aside, and why."""

    name: str
    distribution: str
    error: str


class Registry:
    """The rubrics in service. One that cannot load is set aside, with its reason."""

    def __init__(self, found: Iterable[Found], datasets: Sequence[Dataset] = ()) -> None:
        self.own_datasets = datasets
        self.own_jobs: dict[str, JobKind] = {}
        self.rubrics: dict[str, Rubric] = {}
        self.owners: dict[str, str] = {}
        self.failures: list[Failure] = []
        self._plugins: dict[str, object] = {}
        self._pm = pluggy.PluginManager("balise")
        self._pm.add_hookspecs(hookspecs)
        for candidate in found:
            try:
                self._admit(candidate)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - never stops the host
                why = f"{type(error).__name__}: {error}"
                self.failures.append(Failure(candidate.name, candidate.distribution, why))
                log.error("rubric set aside", rubric=candidate.name, error=why)

    def _admit(self, candidate: Found) -> None:
        plugin = candidate.load()
        self._pm.register(plugin, candidate.name)
        try:
            self._pm.check_pending()
            answers = self._ask(plugin, "rubric")
            if len(answers) != 1 or not isinstance(answers[0], Rubric):
                raise TypeError("rubric() must return one core.api.Rubric")
            self._check(answers[0])
        except BaseException:
            self._pm.unregister(plugin)
            raise
        rubric = answers[0]
        if rubric.locale:
            i18n.add_folder(Path(rubric.locale))
        self.rubrics[rubric.id] = rubric
        self.owners[rubric.id] = f"{candidate.name} ({candidate.distribution})"
        self._plugins[rubric.id] = plugin

    def _check(self, rubric: Rubric) -> None:
        """Refuse a rubric that repeats what another has, before anything of it is kept."""
        if rubric.id in self.rubrics:
            raise ValueError(
                f"rubric {rubric.id!r} already exists: {self.owners[rubric.id]} has it"
            )
        if rubric.id in RESERVED:
            raise ValueError(f"{rubric.id!r} is an address of the host")
        outputs = _outputs(rubric)
        theirs = {output for other in self.rubrics.values() for output in _outputs(other)}
        for output in outputs:
            if output in theirs or outputs.count(output) > 1:
                raise ValueError(f"callback output {output!r} already exists")
        taken = {path for other in self.rubrics.values() for path in _paths(other)}
        paths = _paths(rubric)
        for path in paths:
            if path in taken or paths.count(path) > 1:
                raise ValueError(f"address {path!r} already exists")
        names = [kind.name for kind in rubric.jobs]
        if len(names) > len(set(names)):
            raise ValueError(f"a kind of job is declared twice: {', '.join(sorted(names))}")
        known = [*self.datasets(), *(dataset.name for dataset in rubric.datasets)]
        if len(known) > len(set(known)):
            twice = sorted({name for name in known if known.count(name) > 1})
            raise ValueError(f"dataset already exists: {', '.join(twice)}")
        Map([Rule(path) for path in paths])  # a malformed address is refused here

    def _ask(self, plugin: object, hook: str, **arguments: Any) -> list[Any]:
        others = self._pm.get_plugins() - {plugin}
        answer: list[Any] = self._pm.subset_hook_caller(hook, others)(**arguments)
        return answer

    def ask(self, hook: str, ctx: Context, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Yield (rubric id, item) of each list that the rubrics this user may read answer.

        A rubric that raises, or answers something else, is logged and passed over.
        """
        for id, rubric in self.rubrics.items():
            if ctx.may(rubric.read):
                try:
                    answers = self._ask(self._plugins[id], hook, ctx=ctx, **arguments)
                    items = [item for answer in answers for item in answer]
                    for item in items:
                        if not isinstance(item, ANSWERS[hook]):
                            raise TypeError(f"{hook} answers {type(item).__name__}")
                except (Exception, SystemExit):  # the other rubrics still answer
                    log.exception("hook failed", rubric=id, hook=hook, reference=ctx.reference)
                    continue
                for item in items:
                    yield id, item

    def job_kinds(self) -> dict[str, JobKind]:
        """Return the kinds of jobs of the rubrics in service, by « rubric.name », and our own."""
        return self.own_jobs | {
            f"{rubric.id}.{kind.name}": kind
            for rubric in self.rubrics.values()
            for kind in rubric.jobs
        }

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


def _paths(rubric: Rubric) -> list[str]:
    """Return the addresses of the pages, downloads and uploads of a rubric."""
    return [place.path for place in (*rubric.pages, *rubric.downloads, *rubric.uploads)]


def _outputs(rubric: Rubric) -> list[str]:
    """Return what the callbacks of a rubric write, as « id.property »."""
    flat: list[Any] = []
    for callback in rubric.callbacks:
        for part in callback.dependencies:
            flat += part if isinstance(part, list | tuple) else [part]
    # Told by its name: the collector reads this module too, and goes without Dash.
    return [str(part) for part in flat if type(part).__name__ == "Output"]
