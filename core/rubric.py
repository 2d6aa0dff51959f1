"""What a rubric declares. Plain values, checked when they are built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from core.access import Acting, Permission, Scope
from core.datasets import Dataset
from core.files import FileStore
from core.network.kept import Kept
from core.uploads import Uploads

if TYPE_CHECKING:
    from core.customers import Customers
    from core.db import Db
    from core.jobs import Desk
    from core.journal import Journal
    from core.network.inventory import Link, StateChange
    from core.network.metrics import MetricStore
    from core.notices import Notices
    from core.people.desk import People
    from core.post import Post
    from core.secrets import Vault

F = TypeVar("F", bound=Callable[..., Any])
ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What the id of a rubric may be: it stands in addresses, keys and names of tables."""


@dataclass(frozen=True, slots=True)
class Person:
    """The signed-in user, as pages show it."""

    id: int
    email: str
    name: str


def _nobody() -> People:
    from core.people.desk import nobody  # it works with all of the host, rubrics too

    return nobody()


@dataclass(frozen=True, slots=True)
class Context:
    """All a rubric may know of the request in hand. Only the host builds one.

    ``now`` is aware UTC; times are shown in ``zone``, the user's own, else the customer's; months
    and service hours are counted in ``civil``, the customer's, whoever reads. ``query`` holds the
    page's address parameters (browser's words: not trusted); ``reference`` names the request in
    the logs.
    """

    user: Person
    granted: frozenset[str]
    scope: Scope
    db: Db
    metrics: MetricStore
    now: datetime
    zone: ZoneInfo
    reference: str
    query: Mapping[str, str]
    stale_after: int
    """Seconds after which a link's last reading no longer tells its state (three intervals)."""
    refresh_seconds: int
    """How often live pages ask what changed (``display.refresh_seconds``)."""
    audit: Callable[..., None]
    """``audit(action, target, **facts)``: a line of the audit log, once the change is kept."""
    inquire: Callable[..., Iterator[tuple[str, Any]]] = field(repr=False)
    journal: Journal = field(repr=False)
    """The audit log within the user's sight: a customer's administrator sees its lines, the
    operator all; a page that shows it asks for a permission of administrators.
    """
    jobs: Desk = field(repr=False)
    """Where long work is ordered, and found again."""
    post: Post = field(repr=False)
    """Mails to the operator and to a customer's people, once the change is kept."""
    vault: Callable[[], Vault] = field(repr=False)
    """``vault().seal(text)`` encrypts what is kept secret, ``open`` gives it back."""
    files: FileStore = field(repr=False)
    """Files kept by their hash: the key comes from a row of ``db``, never from the browser.

    It stands in a column whose name ends in « key » or « digest »: a file that none names is
    removed a day after it was kept.
    """
    customers: Customers | None = field(default=None, repr=False)
    """The operator's customers; None for whoever is not one of its administrators."""
    people: People = field(default_factory=_nobody, repr=False)
    """The users of a customer, for its administrators; refuses everything to anybody else."""
    acting: Acting | None = None
    """In whose place the operator's staff acts, with an end; None for everybody else."""
    customer_zone: ZoneInfo | None = None
    """Where the user chose another ``zone``: the customer's. Read ``civil``."""
    signed_in: datetime | None = None
    """When the user last proved who they are; None for a wall, a job, a command."""
    kept: Kept = field(default_factory=Kept, repr=False)
    """The host's own: services of the scope that need not be read again."""
    leads: Callable[[str], bool] = field(default=lambda _path: False, repr=False)
    """``leads(path)``: whether a page of the portal stands there that this user may open."""
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """What ``config.yaml`` sets of each rubric, by its id (``rubrics: settings:``)."""
    operator: str = ""
    """The operator's name, as files that leave the portal show it."""
    tiles: tuple[str | None, str] = (None, "")
    """Address of the operator's tile server, None without one, and whom to credit for it."""

    @property
    def civil(self) -> ZoneInfo:
        """The customer's zone: figures of a month and commitments are the same for all readers."""
        return self.customer_zone or self.zone

    def ask(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Yield (rubric id, answer) of a hook, from the rubrics this user may read."""
        return self.inquire(hook, self, **arguments)

    def may(self, permission: Permission) -> bool:
        """Tell whether the user has a permission: what a page shows, a button, a column."""
        return permission.key in self.granted

    def apart(self, db: Db) -> Context:
        """Return the same with other eyes on the rows, and an address that cannot be altered."""
        return replace(self, db=db, query=MappingProxyType(dict(self.query)))


@dataclass(frozen=True, slots=True)
class Page:
    """A page: ``layout(ctx, **parts of the path)`` returns what stands inside the frame.

    ``menu`` is its label in the menu (None: not in it), under ``section`` (the rubric's own
    label when None). ``charts`` says that it draws curves as soon as it opens.
    """

    path: str
    title: str
    permission: Permission
    layout: Callable[..., Any]
    menu: str | None
    section: str | None = None
    charts: bool = False


@dataclass(frozen=True, slots=True)
class Interaction:
    """A callback: ``function(ctx, *values)`` of Dash dependencies."""

    function: Callable[..., Any]
    dependencies: tuple[Any, ...]
    permission: Permission
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Download:
    """A file to save: ``function(ctx, **parts of the path)`` returns what is in it, None for 404.

    It has an address for each of its ``kinds``, for a table those of ``core.exports.KINDS``:
    ``<path>.csv``, ``<path>.rfc4180.csv``, ``<path>.xlsx``; ``ctx.query`` is what follows.
    """

    path: str
    permission: Permission
    function: Callable[..., Any]
    kinds: tuple[str, ...] = ()
    """Ends of the addresses of a file that is no table."""


class Downloads(list[Download]):
    """The downloads of a rubric; none can be declared without its permission."""

    def table(self, path: str, *, permission: Permission) -> Callable[[F], F]:
        """Declare a table: the function returns a ``Sheet``."""

        def declare(function: F) -> F:
            self.append(Download(path, permission, function))
            return function

        return declare

    def file(self, path: str, kind: str, *, permission: Permission) -> Callable[[F], F]:
        """Declare a file at ``<path>.<kind>``: the function returns a ``Document``."""

        def declare(function: F) -> F:
            self.append(Download(path, permission, function, (kind,)))
            return function

        return declare


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of long work: ``function(ctx, run, **arguments)`` writes the file of a ``Run``.

    ``ctx`` is that of the owner when the job runs, arguments are those of its order.
    """

    name: str
    permission: Permission
    function: Callable[..., None]


class Jobs(list[JobKind]):
    """The kinds of jobs of a rubric; none can be declared without its permission."""

    def kind(self, name: str, *, permission: Permission) -> Callable[[F], F]:
        """Declare a kind, known elsewhere as « rubric.name »."""

        def declare(function: F) -> F:
            self.append(JobKind(name, permission, function))
            return function

        return declare


class Pages(list[Page]):
    """The pages of a rubric; the ones with a ``menu`` label are its menu."""

    def page(
        self,
        path: str,
        title: str,
        *,
        permission: Permission,
        menu: str | None = None,
        section: str | None = None,
        charts: bool = False,
    ) -> Callable[[F], F]:
        """Declare a page: the function answers what stands inside the frame."""

        def declare(layout: F) -> F:
            self.append(Page(path, title, permission, layout, menu, section, charts))
            return layout

        return declare


class Callbacks(list[Interaction]):
    """The callbacks of a rubric; none can be declared without its permission."""

    def on(
        self, *dependencies: Any, permission: Permission, prevent_initial_call: bool = False
    ) -> Callable[[F], F]:
        """Declare a server callback; the function receives ``ctx``, then the values."""
        options = {"prevent_initial_call": prevent_initial_call}

        def declare(function: F) -> F:
            self.append(Interaction(function, dependencies, permission, options))
            return function

        return declare


@dataclass(frozen=True, slots=True)
class Demo:
    """What a rubric is told to fill its part of the demonstration: the network as it stands.

    ``links`` come with their sites, services and routers; ``now`` is aware UTC; ``seal`` encrypts
    what is kept secret; ``keep`` keeps the octets of a file and returns its key; ``changes`` are
    the states that links took in the last months, in order.
    """

    links: Sequence[Link]
    now: datetime
    seal: Callable[[str], str]
    keep: Callable[[bytes], str]
    changes: Sequence[StateChange] = ()


@dataclass(frozen=True, slots=True)
class Rubric:
    """A section of the extranet: what it is called, what it shows, what it asks for.

    ``icon`` is one of ``assets/30-icons.css``; ``migrations`` is the folder of its Alembic
    migrations, ``locale`` that of its translations and ``help`` that of its guide (``fr.md``,
    ``en.md``: what « Aide » opens), None without any; ``demo`` answers the rows that it adds
    to the demonstration; ``notices`` writes the mails that are due, and is asked every minute by
    the worker. ``settings`` are what ``config.yaml`` may set of it, by name: each tells what is
    wrong with a value, in words, or None. ``deeds`` says in words each action that ``ctx.audit`` is
    told, « A ouvert un ticket » (``N_``). ``requires_balise`` is the versions of Balise that it
    was written for (PEP 440: « >=0.1,<1 »), empty for any.

    ``id`` is the name of its folder or entry point, and the first part of its addresses.
    """

    id: str
    label: str
    read: Permission
    icon: str = "right"
    permissions: tuple[Permission, ...] = ()
    pages: Pages = field(default_factory=Pages)
    callbacks: Callbacks = field(default_factory=Callbacks)
    downloads: Downloads = field(default_factory=Downloads)
    uploads: Uploads = field(default_factory=Uploads)
    jobs: Jobs = field(default_factory=Jobs)
    demo: Callable[[Demo], Iterable[Any]] | None = None
    datasets: tuple[Dataset, ...] = ()
    notices: Callable[[Notices], None] | None = None
    deeds: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)
    migrations: str | None = None
    locale: str | None = None
    help: str | None = None
    requires_balise: str = ""

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is no name for a rubric: letters a to z, digits, « - »")
        declared = {self.read, *self.permissions}
        if len({permission.key for permission in declared}) < len(declared):
            raise ValueError(f"a permission of {self.id!r} is declared twice, differently")
        for permission in declared:
            if not permission.key.startswith(f"{self.id}:"):
                raise ValueError(f"{permission.key!r} must start with '{self.id}:'")
        for part in (*self.pages, *self.callbacks, *self.downloads, *self.uploads, *self.jobs):
            if part.permission not in declared:
                key = part.permission.key
                raise ValueError(f"{key!r} is not declared by {self.id!r}: see permissions=(…)")
        for place in (*self.pages, *self.downloads, *self.uploads):
            if place.path.split("/")[1] != self.id:
                raise ValueError(f"{place.path!r} must start with '/{self.id}'")
