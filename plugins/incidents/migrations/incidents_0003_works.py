"""who announced, moved or cancelled planned works"""

import sqlalchemy as sa
from alembic import op

revision = "incidents_0003"
down_revision = "incidents_0002"
branch_labels = None
depends_on = None

NAME = "incidents_works_action"
STEP = sa.Enum(
    "annonce", "deplacement", "annulation", name="worksstep", native_enum=False, length=24
)


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("step", STEP, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("author", "name", "text")),
        *(sa.Column(name, sa.DateTime(), nullable=False) for name in ("starts", "ends")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f(f"fk_{NAME}_company_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "site_id"],
            ["site.company_id", "site.id"],
            name=op.f(f"fk_{NAME}_company_id_site_id"),
        ),
        sa.ForeignKeyConstraint(["work_id"], ["planned_work.id"], name=op.f(f"fk_{NAME}_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
    )
    for column in ("company_id", "site_id", "work_id"):
        op.create_index(op.f(f"ix_{NAME}_{column}"), NAME, [column])


def downgrade() -> None:
    op.drop_table(NAME)
