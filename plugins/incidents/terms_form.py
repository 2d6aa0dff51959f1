"""The form of a contract profile: shown, and read again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import N_, Context, _, card, fold, formats, press, push
from plugins.incidents.address import TERMS, day_of
from plugins.incidents.models import SlaProfile

SAVE, SAID = "terms-save", "terms-said"
FIELDS = ("label", "days", "opens", "closes", "restore", "target", "bands", "late", "since")
DAYS = {"0123456": N_("tous les jours"), "01234": N_("du lundi au vendredi"),
        "012345": N_("du lundi au samedi")}  # fmt: skip
MOST = 6
"""Lines of penalties."""


def number(value: float) -> str:
    """Return « 99,85 », without zeros that say nothing."""
    return f"{value:.4f}".rstrip("0").rstrip(".").replace(".", ",")


def clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


def form(ctx: Context, row: SlaProfile | None) -> Component:
    """Return the form for the next terms of a profile, or for a new one."""
    today = ctx.now.astimezone(ctx.civil).date()
    bands, late = "99,85 : 5\n99,5 : 10\n99 : 20", "0 : 5\n2 : 10\n6 : 20"
    if row is not None:
        bands = "\n".join(f"{number(a * 100)} : {number(b * 100)}" for a, b in row.bands)
        late = "\n".join(f"{number(a / 60)} : {number(b * 100)}" for a, b in row.late)
    days = row.days if row else "0123456"
    choices = [
        html.Option(_(words), value=key, selected="selected" if key == days else None)
        for key, words in DAYS.items()
    ]
    fields = [
        _field("label", _("Nom du contrat"),
               dbc.Input(id=_id("label"), value=row.label if row else "", maxlength=60),
               _("Ce que lisent les clients : « GTR 4 h en heures ouvrées ».")),
        _field("since", _("S’applique à partir du"),
               dbc.Input(id=_id("since"), type="date", value=today.isoformat(),
                         min=today.isoformat()),
               _("Ce qui précède garde les conditions d’alors.")),
        _field("days", _("Jours de service"),
               html.Select(choices, id=_id("days"), className="form-select"),
               _("Hors jours fériés français quand des heures sont données.")),
        html.Div(
            [_field("opens", _("De"), dbc.Input(id=_id("opens"), type="time",
                    value=clock(row.opens if row else None))),
             _field("closes", _("À"), dbc.Input(id=_id("closes"), type="time",
                    value=clock(row.closes if row else None)), _("Vide : 24 h sur 24"))],
            className="fields",
        ),
        _field("restore", _("GTR (heures)"),
               dbc.Input(id=_id("restore"), value=number((row.restore if row else 240) / 60),
                         inputMode="decimal", maxlength=6)),
        _field("target", _("Disponibilité garantie (%)"),
               dbc.Input(id=_id("target"), value=number((row.target if row else 0.9985) * 100),
                         inputMode="decimal", maxlength=8)),
        _field("bands", _("Pénalités de disponibilité"), _lines("bands", bands),
               _("Une ligne chacune : « 99,5 : 10 », un dixième de la redevance sous 99,5.")),
        _field("late", _("Pénalités de retard"), _lines("late", late),
               _("« 2 : 10 », un dixième au-delà de 2 h après la GTR.")),
    ]  # fmt: skip
    value = {"code": row.code if row else ""}
    save = press(_("Enregistrer"), SAVE, value, fields={name: _id(name) for name in FIELDS},
                 className="btn btn-primary")  # fmt: skip
    cancel = push(_("Annuler"), TERMS, className="btn btn-secondary")
    body = [
        html.Div(fields, className="fields"),
        html.Div(id=SAID, role="status"),
        html.Div([cancel, save], className="form-end"),
    ]
    title = _("Nouvelles conditions : %(name)s", name=row.label) if row else _("Nouveau contrat")
    return card(html.Div(body, className="pad stack"), title=title)


def _id(name: str) -> str:
    return f"terms-{name}"


def _field(name: str, label: str, field: Component, hint: str = "") -> Component:
    parts = [html.Label(label, htmlFor=_id(name), className="form-label"), field]
    return html.Div([*parts, html.Div(hint, className="form-text")] if hint else parts)


def _lines(name: str, text: str) -> Component:
    return dcc.Textarea(id=_id(name), value=text, rows=3, maxLength=400, className="form-control")


def read_form(
    ctx: Context, data: Mapping[str, Any], known: Sequence[SlaProfile]
) -> tuple[SlaProfile | None, str | None]:
    """Return the terms that a form says, or what is wrong with it; ``known`` are all versions."""
    said = {name: str(data.get(name) or "").strip()[:400] for name in (*FIELDS, "code")}
    label = " ".join(said["label"].split())[:60]
    today = ctx.now.astimezone(ctx.civil).date()
    codes = {row.code for row in known}
    if said["code"] and said["code"] not in codes:
        return None, _("Ce contrat est introuvable.")
    if not label:
        return None, _("Donnez un nom au contrat.")
    if any(fold(row.label) == fold(label) and row.code != said["code"] for row in known):
        return None, _("Un autre contrat a déjà ce nom.")
    since = day_of(said["since"])
    if since is None or since < today:
        return None, _("Les conditions s’appliquent d’aujourd’hui au plus tôt : corrigez la date.")
    if said["days"] not in DAYS:
        return None, _("Choisissez les jours de service dans la liste.")
    opens, closes = _minutes(said["opens"]), _minutes(said["closes"])
    if (opens is None) != (closes is None) or (opens is not None and opens >= (closes or 0)):
        return None, _("Donnez l’heure d’ouverture et celle de fermeture, ou aucune des deux.")
    if opens is None and said["days"] != "0123456":
        return None, _("Sans heures, le service est de tous les jours : choisissez-les, ou donnez "
                       "des heures.")  # fmt: skip
    restore, target = _decimal(said["restore"]), _decimal(said["target"])
    if restore is None or not 0 < restore <= 1000:
        return None, _("La GTR est un nombre d’heures, plus grand que zéro : « 4 », « 1,5 ».")
    if target is None or not 0 < target <= 100:
        return None, _("La disponibilité est un pourcentage : « 99,85 ».")
    bands, late = _pairs(said["bands"]), _pairs(said["late"])
    if bands is None or late is None or any(below > 100 for below, _share in bands):
        return None, _("Les pénalités s’écrivent une par ligne : « 99,5 : 10 ».")
    return SlaProfile(
        code=said["code"] or _code(label, codes), label=label, days=said["days"], opens=opens,
        closes=closes, restore=round(restore * 60), target=round(target / 100, 8),
        bands=[[round(a / 100, 8), round(b / 100, 8)] for a, b in sorted(bands, reverse=True)],
        late=[[round(a * 60), round(b / 100, 8)] for a, b in sorted(late)], since=since,
        by=ctx.user.name, at=ctx.now,
    ), None  # fmt: skip


def _minutes(text: str) -> int | None:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    return int(found[1]) * 60 + int(found[2]) if found else None


def _decimal(text: str) -> float | None:
    plain = text.replace(",", ".").replace(formats.SPACE, "").strip()
    return float(plain) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", plain, re.ASCII) else None


def _pairs(text: str) -> list[tuple[float, float]] | None:
    """Return the pairs of « 99,5 : 10 », a line each; None for what is not so."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        first, _sign, second = line.partition(":")
        pair = _decimal(first), _decimal(second)
        if pair[0] is None or pair[1] is None or pair[1] > 100:
            return None
        found.append((pair[0], pair[1]))
    return found if len(found) <= MOST else None


def _code(label: str, taken: set[str]) -> str:
    """Return a code of its own for a new profile."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-")[:40] or "contrat"
    code, n = plain, 2
    while code in taken:
        code, n = f"{plain}-{n}", n + 1
    return code


def applies(rows: Sequence[SlaProfile], day: date) -> SlaProfile:
    """Return the version of a profile in force on a day, else its first; ``rows`` are in order."""
    return next((row for row in reversed(rows) if row.since <= day), rows[0])
