"""what an administrator knows of an account: its names, its origin, its end"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None


def columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("family_name", sa.String(), server_default="", nullable=False),
        sa.Column("given_name", sa.String(), server_default="", nullable=False),
        sa.Column("sought", sa.String(), nullable=True),
        sa.Column("guest", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("profile", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_sign_in", sa.DateTime(), nullable=True),
        sa.Column("deleted", sa.DateTime(), nullable=True),
        sa.Column("deleted_by", sa.String(), nullable=True),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column("account", column)
    op.create_index(op.f("ix_account_customer_id"), "account", ["customer_id"])
    op.execute(
        "update account set last_sign_in = (select max(created) from login_session"
        " where login_session.account_id = account.id)"
    )


def downgrade() -> None:
    op.execute("delete from account where kind in ('HELD', 'PREVIEW')")
    op.drop_index(op.f("ix_account_customer_id"), "account")
    with op.batch_alter_table("account", schema=None) as batch_op:
        for column in reversed(columns()):
            batch_op.drop_column(column.name)
