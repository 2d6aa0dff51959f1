"""the journal tells of sites that move on the map"""

from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "create trigger touched_site_place after update of latitude, longitude on site begin"
            " insert into touched (service_id) select id from service where site_id = new.id; end"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop trigger touched_site_place")
