"""Walls: screens that show the services of a scope to whoever holds their address, read-only.

The address holds a random token, the table its SHA-256. Behind a wall stands an account that
cannot sign in: its scope and permissions are rows like everybody's, so that isolation applies to
it unchanged, and its end (``disabled``, ``expires``) is told in one place.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.access import Reach, Scope
from core.accounts import GRANTED, Account, AccountKind, AccountPermission
from core.db import Company, Customer, Db, Internal, ScopeGrant
from core.host import Host
from core.i18n import _, ngettext
from core.network.inventory import Site
from core.rubric import Context, Person
from core.scenes import Scene
from core.secrets import digest
from core.sessions import touch

SHORTEST, LONGEST = 5, 600
"""Seconds that a scene may stay."""
TOUCH = timedelta(seconds=60)
"""How often it is written that a wall was shown."""


class WallError(ValueError):
    """A wall cannot be made; the message says why, to a person."""


class Wall(Internal):
    """A wall. ``scenes`` are « rubric.scene » ids, empty for all that its rubrics offer."""

    __tablename__ = "wall"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), unique=True
    )
    token: Mapped[str] = mapped_column(unique=True)
    scenes: Mapped[list[str]] = mapped_column(sa.JSON)
    seconds: Mapped[int]
    flash: Mapped[bool]
    sound: Mapped[bool]
    created_by: Mapped[str]
    seen: Mapped[datetime | None]
    """When a screen last showed it, to the minute."""
    account: Mapped[Account] = relationship(lazy="joined")

    @property
    def name(self) -> str:
        return self.account.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What an administrator asks for; ``scope`` as ``scope_of`` gives it."""

    name: str
    scope: Sequence[tuple[Reach, int | None]]
    customer_id: int | None
    permissions: Iterable[str]
    scenes: Sequence[str] = ()
    seconds: int = 20
    expires: datetime | None = None
    flash: bool = False
    sound: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """The wall behind a token, read afresh at each request."""

    id: int
    account_id: int
    name: str
    language: str | None
    timezone: str | None
    granted: frozenset[str]
    scenes: tuple[str, ...]
    seconds: int
    flash: bool
    sound: bool


def scope_of(
    session: Session,
    customer_id: int | None,
    companies: Sequence[int] = (),
    sites: Sequence[int] = (),
) -> list[tuple[Reach, int | None]]:
    """Return the grants of these companies and sites; of all of the customer when none is named.

    ``customer_id`` None is every customer. Raises ``WallError`` for what is not the customer's.
    """
    if customer_id is None:
        if companies or sites:
            raise WallError(_("Choisissez un compte client pour limiter le mur à des sites."))
        return [(Reach.OPERATOR, None)]
    if session.get(Customer, customer_id) is None:
        raise WallError(_("Ce compte client n’existe plus."))
    its_companies = sa.select(Company.id).where(Company.customer_id == customer_id)
    known = set(session.scalars(its_companies))
    its_sites = sa.select(Site.id).where(Site.company_id.in_(its_companies))
    if not set(companies) <= known or not set(sites) <= set(session.scalars(its_sites)):
        raise WallError(_("Une société ou un site choisi n’est pas de ce compte client."))
    if not companies and not sites:
        return [(Reach.CUSTOMER, customer_id)]
    return [
        *((Reach.COMPANY, id_) for id_ in sorted(set(companies))),
        *((Reach.SITE, id_) for id_ in sorted(set(sites))),
    ]


def make(session: Session, plan: Plan, *, by: str, now: datetime) -> tuple[Wall, str]:
    """Add a wall; return it and its token, which is kept nowhere else. The caller commits.

    Raises ``WallError``.
    """
    name = plan.name.strip()
    if not name or len(name) > 80:
        raise WallError(_("Donnez un nom au mur, de 80 caractères au plus."))
    if not SHORTEST <= plan.seconds <= LONGEST:
        raise WallError(
            _("Une scène reste de %(least)s à %(most)s secondes.", least=SHORTEST, most=LONGEST)
        )
    if plan.expires is not None and plan.expires <= now:
        raise WallError(_("La date de fin est déjà passée."))
    account = Account(
        kind=AccountKind.WALL,
        email=f"mur-{secrets.token_hex(8)}",
        name=name,
        password_hash=None,
        customer_id=plan.customer_id,
        language=plan.language,
        created=now,
        expires=plan.expires,
        permissions=[AccountPermission(key=key) for key in sorted(set(plan.permissions))],
        scope=[ScopeGrant(reach=reach, target_id=target) for reach, target in plan.scope],
    )
    token = secrets.token_urlsafe(32)
    wall = Wall(
        account=account,
        token=digest(token),
        scenes=list(plan.scenes),
        seconds=plan.seconds,
        flash=plan.flash,
        sound=plan.sound,
        created_by=by,
    )
    session.add(wall)
    session.flush()
    return wall, token


def address(public_url: str, token: str) -> str:
    """Return where the wall is shown: from the configured public address, never the Host header."""
    return f"{public_url.rstrip('/')}/mur/{token}"


def find(engine: sa.Engine, token: str, now: datetime) -> Screen | None:
    """Return the wall of this token, or None (unknown, revoked, expired); note that it is shown."""
    with engine.connect() as connection:
        row = connection.execute(_FIND, {"token": digest(token)}).one_or_none()
        if row is None or row.disabled is not None or (row.expires and row.expires <= now):
            return None
        granted = connection.scalars(GRANTED, {"account": row.account_id}).all()
        if row.seen is None or now - row.seen > TOUCH:
            touch(connection, _SEEN, {"wall": row.id, "now": now})
    return Screen(
        row.id,
        row.account_id,
        row.name,
        row.language,
        row.timezone,
        frozenset(granted),
        tuple(row.scenes),
        row.seconds,
        row.flash,
        row.sound,
    )


_FIND = (
    sa.select(
        Wall.id, Wall.account_id, Wall.scenes, Wall.seconds, Wall.flash, Wall.sound, Wall.seen,
        Account.name, Account.language, Account.expires, Customer.timezone,
        sa.func.coalesce(Account.disabled, Customer.disabled).label("disabled"),
    )
    .join(Account, Account.id == Wall.account_id)
    .outerjoin(Customer, Customer.id == Account.customer_id)
    .where(Wall.token == sa.bindparam("token"))
)  # fmt: skip
_SEEN = sa.update(Wall).where(Wall.id == sa.bindparam("wall")).values(seen=sa.bindparam("now"))


def in_use(session: Session) -> Sequence[Wall]:
    """Return the walls that are not revoked, by name; those that expired are among them."""
    query = sa.select(Wall).join(Wall.account).where(Account.disabled.is_(None))
    return session.scalars(query.order_by(Account.name, Wall.id)).unique().all()


def revoke(session: Session, wall_id: int, now: datetime) -> Wall | None:
    """End a wall at its next request; return it, None when none in use has this id.

    The caller commits.
    """
    wall = session.get(Wall, wall_id)
    if wall is None or wall.account.disabled is not None:
        return None
    wall.account.disabled = now
    return wall


def scope_words(session: Session, account: Account) -> str:
    """Return « Mobilier Hexagone : 2 sociétés, 1 site », « Tous les clients »."""
    reaches = [grant.reach for grant in account.scope]
    if Reach.OPERATOR in reaches:
        return _("Tous les clients")
    customer = session.get(Customer, account.customer_id) if account.customer_id else None
    name = customer.name if customer else _("Compte client supprimé")
    if Reach.CUSTOMER in reaches:
        return name
    counts = []
    if companies := reaches.count(Reach.COMPANY):
        counts.append(ngettext("%(n)s société", "%(n)s sociétés", companies))
    if sites := reaches.count(Reach.SITE):
        counts.append(ngettext("%(n)s site", "%(n)s sites", sites))
    return _("%(name)s : %(parts)s", name=name, parts=", ".join(counts)) if counts else name


def scenes_of(ctx: Context, chosen: Sequence[str] = ()) -> dict[str, Scene]:
    """Return the scenes that the rubrics of ``ctx`` offer, « rubric.scene » to scene, in order;
    those ``chosen`` alone when there are any.
    """
    found = sorted(ctx.ask("wall_scenes"), key=lambda pair: (pair[1].order, pair[1].id))
    named = {f"{rubric}.{scene.id}": scene for rubric, scene in found}
    return {id_: scene for id_, scene in named.items() if not chosen or id_ in chosen}


def every_scene(host: Host, now: datetime) -> dict[str, Scene]:
    """Return the scenes of all rubrics in service, for commands: nobody asks, so no row shows."""
    scope = Scope(0)
    db = Db(host.engine, scope)
    try:
        ctx = Context(
            user=Person(0, "system", "system"),
            granted=frozenset(rubric.read.key for rubric in host.registry.rubrics.values()),
            scope=scope,
            db=db,
            metrics=host.metrics,
            now=now,
            zone=ZoneInfo(host.config.display.timezone),
            reference="-",
            query={},
            stale_after=host.stale_after,
            refresh_seconds=host.config.display.refresh_seconds,
            audit=lambda *_args, **_facts: None,
            inquire=host.registry.ask,
            journal=host.journal(None),
            jobs=host.desk(0, frozenset(), now),
            post=host.post(now, db),
            vault=lambda: host.vault,
            files=host.files,
        )
        return scenes_of(ctx)
    finally:
        db.close()


def permissions_of(host: Host, offered: Mapping[str, Scene], chosen: Sequence[str]) -> set[str]:
    """Return the permissions that a wall of these scenes needs: to read each one's rubric.

    No scene chosen is all that are ``offered``. Raises ``WallError`` for one that is not.
    """
    if unknown := [id_ for id_ in chosen if id_ not in offered]:
        raise WallError(
            _(
                "Scène inconnue : %(unknown)s. Connues : %(known)s.",
                unknown=", ".join(unknown),
                known=", ".join(offered) or _("aucune"),
            )
        )
    rubrics = {id_.partition(".")[0] for id_ in chosen or offered}
    return {host.registry.rubrics[rubric].read.key for rubric in rubrics}
