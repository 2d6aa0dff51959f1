"""tickets, what was done about them, when their clock stood, files; contract profiles of links"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "incidents_0001"
down_revision = None
branch_labels = None
depends_on = None

STATUS = ("ouvert", "pris_en_charge", "attente_client", "resolu", "clos")
IMPACT = ("coupure", "degradation", "intermittent", "question")
USERS = ("tous", "certains", "un")
CAUSE = ("operateur", "client", "force_majeure")
KIND = ("commentaire", "etat", "modification", "fichier", "note")
SIDE = ("client", "operateur")
STOP = ("attente_client", "retabli")


def choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=24)


def owned(name: str, *columns: Any, indexes: tuple[str, ...] = ()) -> None:
    """Create a tenant's table."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        *columns,
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f(f"fk_{name}_company_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "site_id"],
            ["site.company_id", "site.id"],
            name=op.f(f"fk_{name}_company_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    whose = ("site_id",) if name == "incidents_ticket" else ("company_id", "site_id")
    for column in (*whose, *indexes):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def key(name: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}"))


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)


def time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(), nullable=null)


def of_ticket(name: str, *columns: Any) -> None:
    table = f"incidents_{name}"
    owned(
        table,
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        *columns,
        key(table, "ticket_id", "incidents_ticket"),
        indexes=("ticket_id",),
    )


def upgrade() -> None:
    owned(
        "incidents_ticket",
        text("number", null=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        *(text(name) for name in ("title", "description", "solution")),
        text("customer_reference", null=True),
        sa.Column("status", choice("status", STATUS), nullable=False),
        sa.Column("impact", choice("impact", IMPACT), nullable=False),
        sa.Column("users", choice("users", USERS), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("cause", choice("cause", CAUSE), nullable=False),
        time("since", null=True),
        time("opened"),
        text("opened_by"),
        text("opened_name"),
        *(time(name, null=True) for name in ("taken", "resolved", "closed")),
        *(text(name, null=True) for name in ("assignee", "contact", "phone", "access")),
        text("words"),
        sa.Column("version", sa.Integer(), nullable=False),
        key("incidents_ticket", "link_id", "link"),
        sa.UniqueConstraint("number", name=op.f("uq_incidents_ticket_number")),
        indexes=("link_id",),
    )
    op.create_index(
        "ix_incidents_ticket_state", "incidents_ticket", ["status", "company_id", "site_id"]
    )
    op.create_index("ix_incidents_ticket_recent", "incidents_ticket", ["opened", "id"])
    of_ticket(
        "action",
        time("at"),
        sa.Column("kind", choice("kind", KIND), nullable=False),
        sa.Column("side", choice("side", SIDE), nullable=False),
        *(text(name) for name in ("author", "name", "text")),
        sa.Column("status", choice("status", STATUS), nullable=True),
    )
    of_ticket(
        "pause",
        time("start"),
        time("end", null=True),
        sa.Column("reason", choice("stop", STOP), nullable=False),
    )
    of_ticket(
        "file",
        time("at"),
        *(text(name) for name in ("name", "author", "kind")),
        sa.Column("size", sa.Integer(), nullable=False),
        text("digest"),
    )
    owned(
        "incidents_contract",
        sa.Column("link_id", sa.Integer(), nullable=False),
        text("profile"),
        key("incidents_contract", "link_id", "link"),
        sa.UniqueConstraint("link_id", name=op.f("uq_incidents_contract_link_id")),
    )


def downgrade() -> None:
    for name in ("contract", "file", "pause", "action", "ticket"):
        op.drop_table(f"incidents_{name}")
