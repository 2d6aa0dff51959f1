"""phone lines and the calls of a day"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "voix_0001"
down_revision = None
branch_labels = None
depends_on = None


def owned(name: str, *columns: Any) -> None:
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
    for column in ("company_id", "site_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def upgrade() -> None:
    owned(
        "voix_line",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("trunk", "line", "fax", name="linekind", native_enum=False, length=8),
            nullable=False,
        ),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("closed", sa.DateTime(), nullable=True),
        sa.UniqueConstraint("number", name=op.f("uq_voix_line_number")),
    )
    owned(
        "voix_day",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("incoming", "outgoing", "missed", "seconds")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["voix_line.id"], name=op.f("fk_voix_day_line_id")),
        sa.UniqueConstraint("line_id", "day", name=op.f("uq_voix_day_line_id_day")),
    )
    op.create_index(op.f("ix_voix_day_day"), "voix_day", ["day"])
