"""second step of sign-ins; known browsers; what people choose for their account"""

import sqlalchemy as sa
from alembic import op

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None


def _account(table: str) -> tuple[sa.Column[int], sa.Constraint]:
    return (
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
        ),
    )


def upgrade() -> None:
    op.create_table(
        "second_factor",
        *_account("second_factor"),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("offered", sa.String(), nullable=True),
        sa.Column("offered_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        *_account("recovery_code"),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    op.create_table(
        "second_factor_rule",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_second_factor_rule_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_second_factor_rule")),
    )
    op.create_table(
        "pending_sign_in",
        sa.Column("id", sa.String(), nullable=False),
        *_account("pending_sign_in"),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("back", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_in")),
    )
    op.create_index(op.f("ix_pending_sign_in_account_id"), "pending_sign_in", ["account_id"])
    op.create_table(
        "known_device",
        sa.Column("id", sa.Integer(), nullable=False),
        *_account("known_device"),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("seen", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("account_id", "mark", name=op.f("uq_known_device_account_id_mark")),
    )
    op.add_column("account", sa.Column("theme", sa.String(), nullable=True))
    op.add_column("account", sa.Column("timezone", sa.String(), nullable=True))
    op.add_column("login_session", sa.Column("confirmed", sa.DateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("login_session", "confirmed")
    op.drop_column("account", "timezone")
    op.drop_column("account", "theme")
    for table in (
        "known_device", "pending_sign_in", "second_factor_rule", "recovery_code", "second_factor",
    ):  # fmt: skip
        op.drop_table(table)
