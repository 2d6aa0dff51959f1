"""imports; what vanished from a back office is closed"""

import sqlalchemy as sa
from alembic import op

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None

STATES = ("RECEIVED", "CHECKING", "READY", "APPLYING", "DONE", "REFUSED", "ABANDONED")
CLOSED = ("customer", "company", "site", "contact", "service", "link", "device")
TRIGGERS = {
    "link_closed": (
        "after update of closed on link",
        "insert into touched (service_id) values (new.service_id);",
    ),
    "service_closed": (
        "after update of closed on service",
        "insert into touched (service_id) values (new.id);",
    ),
}


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="runstate", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("dialect", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        # A number is never used twice: the folder of an import that is gone is no other's.
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_run_dataset"), "import_run", ["dataset"])
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("dataset", "source", name=op.f("uq_import_mapping_dataset_source")),
    )
    for table in CLOSED:
        op.add_column(table, sa.Column("closed", sa.DateTime(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for name, (when, what) in TRIGGERS.items():
            op.execute(f"create trigger touched_{name} {when} begin {what} end")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"drop trigger touched_{name}")
    for table in CLOSED:
        op.drop_column(table, "closed")
    op.drop_table("import_mapping")
    op.drop_table("import_run")
