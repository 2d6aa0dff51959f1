"""What tickets are called, by what the code calls them."""

from __future__ import annotations

from datetime import date, timedelta

from babel import dates
from dash import html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Link,
    State,
    _,
    capital,
    formats,
    language,
    link_word,
    mark,
    service_views,
    state_text,
)
from plugins.incidents.life import Cause, Impact, Side, Status, Users
from plugins.incidents.sla import Counted

STATUSES = {
    Status.OPEN: (N_("Ouvert"), "tag tag-down"),
    Status.TAKEN: (N_("Pris en charge"), "tag tag-accent"),
    Status.WAITING: (N_("En attente client"), "tag tag-degraded"),
    Status.RESOLVED: (N_("Résolu"), "tag tag-up"),
    Status.CLOSED: (N_("Clos"), "tag"),
}
SEVERITIES = {
    1: (N_("1 · Critique"), "tag tag-down"),
    2: (N_("2 · Majeure"), "tag tag-degraded"),
    3: (N_("3 · Mineure"), "tag"),
    4: (N_("4 · Question"), "tag"),
}
IMPACTS = {
    Impact.CUT: N_("Coupure : plus rien ne passe"),
    Impact.DEGRADED: N_("Dégradation : c’est lent, ou de mauvaise qualité"),
    Impact.INTERMITTENT: N_("Intermittent : cela coupe et revient"),
    Impact.QUESTION: N_("Question, ou demande d’information"),
}
TITLES = {
    Impact.CUT: N_("Coupure"),
    Impact.DEGRADED: N_("Dégradation"),
    Impact.INTERMITTENT: N_("Coupures intermittentes"),
    Impact.QUESTION: N_("Question"),
}
USERS = {
    Users.EVERYONE: N_("Tout le site"),
    Users.SOME: N_("Plusieurs personnes"),
    Users.ONE: N_("Une personne"),
}
CAUSES = {
    Cause.OPERATOR: N_("Opérateur"),
    Cause.CUSTOMER: N_("Client (énergie, câblage, équipement)"),
    Cause.FORCE_MAJEURE: N_("Force majeure"),
}
SIDES = {Side.CUSTOMER: N_("Client"), Side.OPERATOR: N_("Support opérateur")}
PARTS = {
    Counted.RUNNING: N_("compté"),
    Counted.STOPPED: N_("en attente client"),
    Counted.RESTORED: N_("rétabli avant réouverture"),
    Counted.WORKS: N_("travaux planifiés"),
    Counted.OUTSIDE: N_("hors heures de service"),
    Counted.EXCLUDED: N_("non imputable à l’opérateur"),
}
"""What the parts of an incident are, in a sheet of commitments."""


def terms() -> tuple[str, str]:
    """Return how commitments are worked out, and what the measured availability is not."""
    return (
        _(
            "Les engagements se calculent sur les tickets seuls, de leur ouverture à leur "
            "résolution, dans les heures de service du contrat. Attente du client, travaux "
            "planifiés et causes non imputables à l’opérateur ne comptent pas."
        ),
        _(
            "La disponibilité mesurée vient de la supervision : elle est technique, et n’est "
            "pas contractuelle."
        ),
    )


def status_tag(status: Status) -> Component:
    words, css = STATUSES[status]
    return html.Span(_(words), className=css)


def severity_tag(severity: int) -> Component:
    words, css = SEVERITIES.get(severity, SEVERITIES[4])
    return html.Span(_(words), className=css)


def hours(length: timedelta) -> str:
    """Return « 3 h 07 », « 26 min », « 4 h »: a time that contracts are told in."""
    minutes = max(0, int(length.total_seconds())) // 60
    space = formats.SPACE
    if minutes < 60:
        return f"{minutes}{space}min"
    more = f"{space}{minutes % 60:02}" if minutes % 60 else ""
    return f"{minutes // 60}{space}h{more}"


def month_name(year: int, month: int) -> str:
    """Return « novembre 2026 »."""
    return str(dates.format_date(date(year, month, 1), "LLLL yyyy", locale=language()))


def shown_state(ctx: Context, link: Link) -> Component:
    """Return the state of a link as it may be shown now: shape, colour and word."""
    views = service_views(ctx, link.service_id).services
    links = (one for view in views for one in (view.main, view.backup) if one)
    state = next((one.status.state for one in links if one.id == link.id), State.UNKNOWN)
    said = state_text(state, capital(link_word(state)))
    return html.Span([mark(state), said], className="led-word")


DEEDS = {
    "ticket.opened": N_("A ouvert un ticket"),
    "ticket.comment": N_("A commenté un ticket"),
    "ticket.note": N_("A ajouté une note interne à un ticket"),
    "ticket.file": N_("A joint un fichier à un ticket"),
    "ticket.changed": N_("A modifié un ticket"),
    "contract.terms": N_("A modifié les conditions d’un contrat"),
    f"ticket.{Status.OPEN.value}": N_("A rouvert un ticket"),
    f"ticket.{Status.TAKEN.value}": N_("A pris en charge un ticket"),
    f"ticket.{Status.WAITING.value}": N_("A mis un ticket en attente du client"),
    f"ticket.{Status.RESOLVED.value}": N_("A résolu un ticket"),
    f"ticket.{Status.CLOSED.value}": N_("A clos un ticket"),
}
"""What is done to tickets, as the journal tells it."""
