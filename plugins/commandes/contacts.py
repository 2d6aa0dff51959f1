"""« Contact sur site »: who to call, the form that changes it, and who changed it before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component

from core.api import Contact, Context, Site, _, formats, icon, note, press, push
from plugins.commandes.address import Tree
from plugins.commandes.models import ContactChange
from plugins.commandes.permissions import WRITE

STORE, SAID = "abonnements-contact", "abonnements-contact-said"
SHOWN = 3
"""Changes told under a contact."""
LONGEST = 120
FIELDS = ("name", "role", "phone", "email")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9 ().-]{6,24}")


def contacts_of(ctx: Context, site: Site) -> Sequence[Contact]:
    """Return the contacts of a site, the first one declared first."""
    return ctx.db.all(sa.select(Contact).where(Contact.site_id == site.id).order_by(Contact.id))


def labels() -> dict[str, str]:
    return {
        "name": _("Nom"),
        "role": _("Fonction"),
        "phone": _("Téléphone"),
        "email": _("E-mail"),
    }


def contact_form(ctx: Context, asked: Tree, site: Site, people: Sequence[Contact]) -> Component:
    """Return the form of the contact of a site."""
    if not ctx.may(WRITE):
        return note(_("Vous n’avez pas le droit de modifier les contacts."), "lock")
    person = people[0] if people else None
    fields = []
    for name, label in labels().items():
        id_ = f"abonnements-contact-{name}"
        kind = {"phone": "tel", "email": "email"}.get(name, "text")
        value = getattr(person, name, None) or ""
        field = dbc.Input(id=id_, type=kind, value=value, maxlength=LONGEST, autocomplete="off")
        fields.append(html.Div([html.Label(label, htmlFor=id_, className="form-label"), field]))
    save = press(
        _("Enregistrer"),
        STORE,
        {"site": site.id, "contact": person.id if person else None},
        fields={name: f"abonnements-contact-{name}" for name in FIELDS},
        className="btn btn-primary",
    )
    cancel = push(_("Annuler"), asked.with_(form=""), className="btn btn-secondary")
    hint = _("L’opérateur est prévenu ; la modification est gardée avec son auteur et sa date.")
    return html.Div(
        [
            html.Div(fields, className="fields"),
            html.Div(hint, className="form-text"),
            html.Div(id=SAID, role="status"),
            html.Div([cancel, save], className="form-end"),
        ],
        className="stack",
    )


def history(ctx: Context, site: Site) -> list[Component]:
    """Return the last changes of the contacts of a site: when, who, what."""
    query = (
        sa.select(ContactChange)
        .where(ContactChange.site_id == site.id)
        .order_by(ContactChange.id.desc())
        .limit(SHOWN)
    )
    found = ctx.db.all(query)
    if not found:
        return []
    items = [
        html.Li(
            [
                html.Span(formats.moment(change.at, ctx.zone)[:-3], className="tabular"),
                _(" par %(who)s : ", who=change.by),
                told(change.before, change.after),
            ]
        )
        for change in found
    ]
    title = html.Div([icon("clock"), html.Span(_("Modifications"))], className="note")
    return [html.Div([title, html.Ul(items, className="changes small soft")])]


def told(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return « Téléphone 05… → 06…, Nom … » for what changed of a contact."""
    return ", ".join(
        f"{label} {before.get(name) or '–'} → {after.get(name) or '–'}"
        for name, label in labels().items()
        if (before.get(name) or "") != (after.get(name) or "")
    )


def clean(data: Mapping[str, Any]) -> tuple[dict[str, str | None], str | None]:
    """Return what a form says of a contact, and what is wrong with it, None when nothing is."""
    said: dict[str, str | None] = {}
    for name in FIELDS:
        value = data.get(name)
        text = " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""
        said[name] = text or None
    if not said["name"]:
        return said, _("Donnez le nom du contact.")
    if not (said["phone"] or said["email"]):
        return said, _("Donnez un téléphone ou une adresse e-mail : il faut pouvoir l’appeler.")
    if said["phone"] and not _PHONE.fullmatch(said["phone"]):
        return said, _("Ce téléphone ne se lit pas : écrivez par exemple « 05 65 00 00 00 ».")
    if said["email"] and not _EMAIL.fullmatch(said["email"]):
        return said, _(
            "Cette adresse e-mail ne se lit pas : écrivez par exemple « nom@societe.fr »."
        )
    return said, None


def change(
    ctx: Context, site: Site, person: Contact | None, said: Mapping[str, str | None]
) -> bool:
    """Keep a contact with what it was before, and tell the operator; False when nothing changed."""
    of = {"company_id": site.company_id, "site_id": site.id}
    before = {name: getattr(person, name, None) for name in FIELDS}
    if person is None:
        person = Contact(**of, **said)
    elif before == said:
        return False
    else:
        for name, value in said.items():
            setattr(person, name, value)
    ctx.db.add(person)
    ctx.db.add(
        ContactChange(
            **of, contact_id=person.id, at=ctx.now, by=ctx.user.email, before=before,
            after=dict(said),
        )
    )  # fmt: skip
    ctx.audit("contact.changed", f"site {site.id} {site.name}", before=before, after=dict(said))

    def letter() -> tuple[str, str]:
        subject = _("Contact sur site modifié : %(site)s", site=site.name)
        body = _(
            "%(who)s a modifié le contact du site %(site)s.\n\n%(what)s\n\n%(address)s\n",
            who=ctx.user.email,
            site=site.name,
            what=told(before, said),
            address=ctx.post.address(Tree(place=str(site.id)).with_()),
        )
        return subject, body

    ctx.post.to_operator(letter)
    ctx.db.commit()
    return True
