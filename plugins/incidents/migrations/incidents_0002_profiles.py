"""contract profiles as rows with the day they apply from; the contracts of a link with theirs"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "incidents_0002"
down_revision = "incidents_0001"
branch_labels = None
depends_on = None

SINCE = date(2000, 1, 1)
BANDS = [[0.9985, 0.05], [0.995, 0.10], [0.99, 0.20]]
LATE = [[0, 0.05], [120, 0.10], [360, 0.20]]
STANDARD = (
    ("gtr4-24x7", "GTR 4 h, 24 h / 24 et 7 j / 7", "0123456", None, None, 240, 0.9985, BANDS),
    ("gtr4-ho", "GTR 4 h en heures ouvrées", "01234", 480, 1080, 240, 0.995, BANDS[1:]),
    ("gtr8-ho", "GTR 8 h en heures ouvrées", "01234", 480, 1080, 480, 0.99, BANDS[2:]),
)
NAMES = ("code", "label", "days", "opens", "closes", "restore", "target", "bands")


def upgrade() -> None:
    profile = op.create_table(
        "incidents_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("code", "label", "days")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("opens", "closes")),
        sa.Column("restore", sa.Integer(), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("bands", "late")),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents_profile")),
        sa.UniqueConstraint("code", "since", name=op.f("uq_incidents_profile_code_since")),
    )
    rows = [dict(zip(NAMES, row, strict=True)) for row in STANDARD]
    op.bulk_insert(profile, [{**row, "late": LATE, "since": SINCE, "by": ""} for row in rows])
    with op.batch_alter_table("incidents_contract") as table:
        table.add_column(sa.Column("since", sa.Date(), nullable=False, server_default="2000-01-01"))
        table.drop_constraint(op.f("uq_incidents_contract_link_id"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_incidents_contract_link_id_since"), ["link_id", "since"]
        )
    with op.batch_alter_table("incidents_contract") as table:
        table.alter_column("since", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("incidents_contract") as table:
        table.drop_constraint(op.f("uq_incidents_contract_link_id_since"), type_="unique")
        table.drop_column("since")
        table.create_unique_constraint(op.f("uq_incidents_contract_link_id"), ["link_id"])
    op.drop_table("incidents_profile")
