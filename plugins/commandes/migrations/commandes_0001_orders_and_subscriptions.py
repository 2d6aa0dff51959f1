"""orders, their messages and their codes; subscriptions and the requests to end them"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "commandes_0001"
down_revision = None
branch_labels = None
depends_on = None

KINDS = ("creation", "modification", "resiliation", "demenagement")
ACTORS = ("client", "operateur", "tiers")
STAGES = ("commande", "etude", "travaux", "lien", "routeur", "service")
DECISIONS = ("demandee", "confirmee", "refusee", "retiree")


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
    for column in ("company_id", "site_id", *indexes):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def key(name: str, column: str, target: str, **more: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}"), **more
    )


def text(name: str, *, null: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)


def upgrade() -> None:
    op.create_table(
        "commandes_code",
        sa.Column("id", sa.Integer(), nullable=False),
        text("code", null=False),
        text("label", null=False),
        sa.Column("stage", choice("stage", STAGES), nullable=False),
        sa.Column("actor", choice("actor", ACTORS), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commandes_code")),
        sa.UniqueConstraint("code", name=op.f("uq_commandes_code_code")),
    )
    owned(
        "commandes_line",
        text("reference", null=False),
        sa.Column("kind", choice("kind", KINDS), nullable=False),
        text("article", null=False),
        *(
            sa.Column(day, sa.Date(), nullable=True)
            for day in ("contract", "wanted", "router", "link")
        ),
        text("state", null=False),
        text("code"),
        text("production_label"),
        sa.Column("ordered", sa.Date(), nullable=True),
        sa.Column("delivered", sa.Date(), nullable=True),
        sa.Column("installed", sa.Boolean(), nullable=False),
        sa.Column("cancelled_for", sa.Date(), nullable=True),
        sa.Column("closed", sa.DateTime(), nullable=True),
        text("words", null=False),
        sa.UniqueConstraint("reference", "kind", name=op.f("uq_commandes_line_reference_kind")),
    )
    owned(
        "commandes_change",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        text("field", null=False),
        text("before"),
        text("after"),
        key("commandes_change", "line_id", "commandes_line"),
        indexes=("line_id",),
    )
    owned(
        "commandes_message",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        text("author", null=False),
        text("name", null=False),
        sa.Column("from_operator", sa.Boolean(), nullable=False),
        text("text", null=False),
        key("commandes_message", "line_id", "commandes_line"),
        indexes=("line_id",),
    )
    owned(
        "commandes_read",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        key("commandes_read", "line_id", "commandes_line"),
        key("commandes_read", "account_id", "account", ondelete="CASCADE"),
        indexes=("line_id",),
    )
    owned(
        "commandes_subscription",
        text("reference", null=False),
        text("designation", null=False),
        text("offer", null=False),
        text("technology", null=False),
        text("customer_reference"),
        text("category"),
        sa.Column("quantity", sa.Integer(), nullable=False),
        *(text(name) for name in ("lan_address", "lan_mask", "wan_address", "wan_mask")),
        *(text(name) for name in ("radius_login", "radius_secret", "sales_name", "sales_email")),
        *(text(name) for name in ("manager_name", "manager_email")),
        sa.Column("started", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("closed", sa.DateTime(), nullable=True),
        text("words", null=False),
        sa.UniqueConstraint("reference", name=op.f("uq_commandes_subscription_reference")),
    )
    owned(
        "commandes_cancellation",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Date(), nullable=False),
        text("reason", null=False),
        sa.Column("decision", choice("decision", DECISIONS), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        text("asked_by", null=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        text("decided_by"),
        text("answer"),
        key("commandes_cancellation", "subscription_id", "commandes_subscription"),
        indexes=("subscription_id",),
    )
    owned(
        "commandes_contact_change",
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        text("by", null=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        key("commandes_contact_change", "contact_id", "contact"),
    )


def downgrade() -> None:
    for name in (
        "contact_change", "cancellation", "subscription", "read", "message", "change", "line", "code",
    ):  # fmt: skip
        op.drop_table(f"commandes_{name}")
