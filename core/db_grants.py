"""What a scope may hand on to others: the third part of isolation (``core.db``).

An administrator gives rows that it sees itself, and takes away no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach, Scope
from core.db import Base, Company, Customer, ScopeGrant, granted

Grant = tuple[Reach, int | None]
"""How much a grant opens, and of which customer, company or site."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a scope holds of one customer: all of it, or companies whole, and single sites."""

    customer_id: int
    whole: bool
    companies: frozenset[int]
    """Those held whole, with their sites to come."""
    sites: frozenset[int]
    """Every site held, those of whole companies included."""

    @classmethod
    def of(cls, session: Session, scope: Scope, customer_id: int) -> Holding:
        company, site = sa.inspect(Company).local_table, Base.metadata.tables["site"]
        parts, single = granted(scope)
        mine = sa.union_all(*parts)
        companies = session.connection().scalars(
            sa.select(company.c.id).where(
                company.c.customer_id == customer_id, company.c.id.in_(mine)
            )
        )
        sites = session.connection().scalars(
            sa.select(site.c.id)
            .join(company, company.c.id == site.c.company_id)
            .where(
                company.c.customer_id == customer_id,
                sa.or_(company.c.id.in_(mine), site.c.id.in_(single)),
            )
        )
        return cls(
            customer_id, _whole(session, scope, customer_id), frozenset(companies), frozenset(sites)
        )

    def covers(self, grant: Grant) -> bool:
        """Tell whether all that a grant opens is held."""
        reach, target = grant
        match reach:
            case Reach.CUSTOMER:
                return self.whole and target == self.customer_id
            case Reach.COMPANY:
                return target in self.companies
            case Reach.SITE:
                return target in self.sites
        return False

    def beyond(self, grants: Iterable[Grant]) -> list[Grant]:
        """Return those of some grants that are not held, and so are not this one's to change."""
        return [grant for grant in grants if not self.covers(grant)]


def _whole(session: Session, scope: Scope, customer_id: int) -> bool:
    """Tell whether a scope holds a customer with its companies to come."""
    if scope.every or scope.customer_id is not None:
        return scope.every or scope.customer_id == customer_id
    known = session.get(Customer, customer_id) is not None
    query = sa.select(ScopeGrant.id).where(
        ScopeGrant.user_id == scope.user_id,
        sa.or_(
            ScopeGrant.reach == Reach.OPERATOR,
            sa.and_(ScopeGrant.reach == Reach.CUSTOMER, ScopeGrant.target_id == customer_id),
        ),
    )
    return known and session.scalar(query.limit(1)) is not None
