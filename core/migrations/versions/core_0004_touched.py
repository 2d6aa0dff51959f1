"""the journal of what lists of services show, and the triggers that write it"""

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

ALL = "insert into touched (service_id) values (null);"
TRIGGERS = {
    "link_new": (
        "after insert on link",
        "insert into touched (service_id) values (new.service_id);",
    ),
    "link_gone": (
        "after delete on link",
        "insert into touched (service_id) values (old.service_id);",
    ),
    "link": (
        "after update of state, reason, since, reference, designation, role, service_id, company_id, site_id on link",
        "insert into touched (service_id) select old.service_id union select new.service_id;",
    ),
    "service_new": ("after insert on service", "insert into touched (service_id) values (new.id);"),
    "service_gone": (
        "after delete on service",
        "insert into touched (service_id) values (old.id);",
    ),
    "service": (
        "after update of state, reason, since, company_id, site_id on service",
        "insert into touched (service_id) values (new.id);",
    ),
    "site": ("after update of name, commune, postal_code, company_id on site", ALL),
    "company": ("after update of name, customer_id on company", ALL),
    "company_gone": ("after delete on company", ALL),
    "grant_new": ("after insert on scope_grant", ALL),
    "grant_gone": ("after delete on scope_grant", ALL),
    "grant": ("after update on scope_grant", ALL),
    "pruned": ("after insert on touched", "delete from touched where id <= new.id - 1000;"),
}


def upgrade() -> None:
    op.create_table(
        "touched",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched")),
    )
    if op.get_bind().dialect.name != "sqlite":
        return  # elsewhere two writers may commit in another order than that of their numbers
    op.execute("insert into touched (service_id) values (null)")
    for name, (when, what) in TRIGGERS.items():
        op.execute(f"create trigger touched_{name} {when} begin {what} end")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"drop trigger if exists touched_{name}")
    op.drop_table("touched")
