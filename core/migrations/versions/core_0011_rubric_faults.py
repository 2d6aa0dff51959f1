"""failures of rubrics"""

import sqlalchemy as sa
from alembic import op

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rubric_fault",
        sa.Column("rubric", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("last", sa.DateTime(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("rubric", name=op.f("pk_rubric_fault")),
    )


def downgrade() -> None:
    op.drop_table("rubric_fault")
