"""invoices and their consumption detail"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "factures_0001"
down_revision = None
branch_labels = None
depends_on = None

KINDS = ("facture", "avoir")
PAYMENTS = ("due", "payee", "echue")


def choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=12)


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


def text(name: str, *, null: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)


def day(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=null)


def upgrade() -> None:
    owned(
        "factures_invoice",
        text("number", null=False),
        sa.Column("kind", choice("kind", KINDS), nullable=False),
        day("issued", null=False),
        sa.Column("month", sa.Integer(), nullable=False),
        day("due"),
        day("published", null=False),
        text("currency", null=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("net", "vat", "gross", "payable")
        ),
        text("credited"),
        text("order_reference"),
        text("buyer_id"),
        sa.Column("vat_lines", sa.JSON(), nullable=False),
        text("profile"),
        sa.Column("payment", choice("payment", PAYMENTS), nullable=True),
        day("paid_on"),
        text("lifecycle"),
        text("file_key", null=False),
        text("file_name", null=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("octets", "pages", "details")),
        sa.Column("told", sa.DateTime(), nullable=True),
        sa.UniqueConstraint("number", name=op.f("uq_factures_invoice_number")),
        sa.CheckConstraint("site_id IS NULL", name=op.f("ck_factures_invoice_whole")),
        indexes=("told",),
    )
    op.create_index(
        "ix_factures_invoice_month",
        "factures_invoice",
        ["company_id", "month", "number", "published", "site_id", "octets"],
    )
    owned(
        "factures_consumption",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        text("reference"),
        text("label", null=False),
        day("start"),
        day("end"),
        sa.Column("quantity", sa.Double(), nullable=True),
        text("unit"),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["factures_invoice.id"],
            name=op.f("fk_factures_consumption_invoice_id"),
        ),
        indexes=("invoice_id",),
    )
