"""the audit log is a chain; acting for a customer; rubrics off for a customer"""

import sqlalchemy as sa
from alembic import op

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None

REFUSALS = {
    "audit_entry_kept": ("before update on audit_entry", ""),
    "audit_entry_stays": ("before delete on audit_entry", ""),
    "audit_entry_tied": ("before insert on audit_entry", "when new.mac is null"),
    "audit_head_stays": ("before delete on audit_head", ""),
    "audit_head_alone": ("before insert on audit_head", ""),
    "audit_head_forward": ("before update on audit_head", "when new.last < old.last"),
}
"""What the database itself refuses, whoever asks: (when, on what condition), by trigger."""
SAID = "the audit log is append-only"


def upgrade() -> None:
    op.drop_index("ix_audit_entry_actor", "audit_entry")
    op.add_column("audit_entry", sa.Column("customer_id", sa.Integer(), nullable=True))
    op.add_column(
        "audit_entry",
        sa.Column("acting", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("audit_entry", sa.Column("mac", sa.String(), nullable=True))
    for column in ("customer_id", "actor", "action"):
        op.create_index(f"ix_audit_entry_{column}_id", "audit_entry", [column, "id"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(), nullable=True),
        sa.Column("seal", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    # Lines that stand already are tied to the first that is written (core.audit_chain).
    op.execute(
        "insert into audit_head (id, begins, last) "
        "select 1, coalesce(max(id), 0), coalesce(max(id), 0) from audit_entry"
    )
    op.create_table(
        "rubric_off",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("rubric", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_rubric_off_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "rubric", name=op.f("pk_rubric_off")),
    )
    op.add_column("customer", sa.Column("disabled", sa.DateTime(), nullable=True))
    op.add_column("login_session", sa.Column("acting_for", sa.Integer(), nullable=True))
    op.add_column("login_session", sa.Column("acting_until", sa.DateTime(), nullable=True))
    op.add_column("job", sa.Column("acting_for", sa.Integer(), nullable=True))
    _triggers()


def _triggers() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for name, (when, condition) in REFUSALS.items():
            op.execute(
                f"create trigger {name} {when} {condition} begin select raise(abort, '{SAID}'); end"
            )
    elif dialect == "postgresql":
        op.execute(
            "create function audit_refuse() returns trigger language plpgsql as "
            f"$$ begin raise exception '{SAID}'; end $$"
        )
        for name, (when, condition) in REFUSALS.items():
            if_so = condition.replace("when ", "when (") + ")" if condition else ""
            op.execute(
                f"create trigger {name} {when} for each row {if_so} execute function audit_refuse()"
            )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, (when, _condition) in REFUSALS.items():
        table = when.rpartition(" ")[2]
        op.execute(f"drop trigger {name}" + (f" on {table}" if dialect == "postgresql" else ""))
    if dialect == "postgresql":
        op.execute("drop function audit_refuse()")
    op.drop_column("job", "acting_for")
    op.drop_column("login_session", "acting_until")
    op.drop_column("login_session", "acting_for")
    op.drop_column("customer", "disabled")
    op.drop_table("rubric_off")
    op.drop_table("audit_head")
    for column in ("customer_id", "actor", "action"):
        op.drop_index(f"ix_audit_entry_{column}_id", "audit_entry")
    for column in ("mac", "acting", "customer_id"):
        op.drop_column("audit_entry", column)
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor"])
