"""The exchange about an order line: messages both ways, those not read yet, one more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import Context, _, attributes, formats, note, press
from plugins.commandes.address import order_page
from plugins.commandes.models import OrderLine, OrderMessage
from plugins.commandes.permissions import MANAGE, READ, WRITE

SAY, SAID, SENT, TEXT = "commande-say", "commande-said", "commande-sent", "commande-text"
LONGEST = 2_000


def messages_of(ctx: Context, line: OrderLine) -> Sequence[OrderMessage]:
    """Return the messages of a line, the oldest first."""
    query = sa.select(OrderMessage).where(OrderMessage.line_id == line.id)
    return ctx.db.all(query.order_by(OrderMessage.id))


def thread(ctx: Context, messages: Sequence[OrderMessage], upto: int) -> Component:
    """Return the messages; those of the other side after ``upto`` are marked « nouveau »."""
    if not messages:
        text = _("Aucun message. Écrivez à l’administration des ventes, elle répond ici.")
        return html.Div(note(text), className="pad")
    ours = ctx.may(MANAGE)
    return html.Ul(
        [_message(ctx, one, ours=one.from_operator is ours, upto=upto) for one in messages],
        className="thread",
        **attributes(aria_label=_("Messages")),
    )


def _message(ctx: Context, one: OrderMessage, *, ours: bool, upto: int) -> Component:
    side = _("Administration des ventes") if one.from_operator else _("Client")
    new = not ours and one.id > upto
    head: list[Any] = [
        html.B(one.name),
        html.Span(side),
        html.Span(formats.moment(one.at, ctx.zone)[:-3], className="tabular"),
    ]
    if new:
        head.append(html.Span(_("nouveau"), className="tag tag-accent"))
    css = " ".join(name for name, is_on in (("mine", ours), ("new", new)) if is_on)
    return html.Li([html.Div(head, className="who"), one.text], className=css)


def writing(ctx: Context, line: OrderLine) -> list[Component]:
    """Return the form of a new message, to those who may write one."""
    if not ctx.may(WRITE):
        return []
    label = _("Votre message à l’administration des ventes")
    if ctx.may(MANAGE):
        label = _("Votre réponse au client")
    field = dcc.Textarea(id=TEXT, rows=3, maxLength=LONGEST, className="form-control", value="")
    value = {"reference": line.reference, "kind": line.kind.value}
    send = press(_("Envoyer"), SAY, value, fields={"text": TEXT}, className="btn btn-primary")
    return [
        html.Div(
            [
                html.Label(label, htmlFor=TEXT, className="form-label"),
                field,
                html.Div([html.Div(id=SAID, role="status"), send], className="form-end"),
            ],
            className="write",
        )
    ]


def say(ctx: Context, line: OrderLine, text: object) -> str | None:
    """Keep a message and tell the other side by mail; return what is wrong, None when kept."""
    said = text.strip()[:LONGEST] if isinstance(text, str) else ""
    if not said:
        return _("Écrivez un message avant de l’envoyer.")
    from_operator = ctx.may(MANAGE)
    before = messages_of(ctx, line)
    message = OrderMessage(
        company_id=line.company_id, site_id=line.site_id, line_id=line.id, at=ctx.now,
        author=ctx.user.email, name=ctx.user.name, from_operator=from_operator, text=said,
    )  # fmt: skip
    ctx.db.add(message)
    ctx.audit("order.message", line.reference, from_operator=from_operator)

    def letter() -> tuple[str, str]:
        subject = _("Message au sujet de la commande %(reference)s", reference=line.reference)
        body = _(
            "%(who)s a écrit au sujet de la commande %(reference)s (%(article)s) :\n\n%(text)s\n\n"
            "Répondre dans l’extranet : %(address)s\n",
            who=ctx.user.name,
            reference=line.reference,
            article=line.article,
            text=said,
            address=ctx.post.address(order_page(line.reference, line.kind)),
        )
        return subject, body

    if from_operator:
        writers = {one.author for one in before if not one.from_operator}
        ctx.post.to_customer(line, READ, letter, also=writers)
    else:
        ctx.post.to_operator(letter)
    ctx.db.commit()
    return None
