"""planned works"""

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planned_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("starts", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.Column("cancelled", sa.DateTime(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("starts < ends", name=op.f("ck_planned_work_lasts")),
        sa.ForeignKeyConstraint(
            ["company_id", "site_id"],
            ["site.company_id", "site.id"],
            name=op.f("fk_planned_work_company_id_site_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_planned_work_company_id")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_planned_work_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_work")),
    )
    with op.batch_alter_table("planned_work", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_planned_work_company_id"), ["company_id"])
        batch_op.create_index(batch_op.f("ix_planned_work_ends"), ["ends"])
        batch_op.create_index(batch_op.f("ix_planned_work_link_id"), ["link_id"])
        batch_op.create_index(batch_op.f("ix_planned_work_site_id"), ["site_id"])


def downgrade() -> None:
    op.drop_table("planned_work")
