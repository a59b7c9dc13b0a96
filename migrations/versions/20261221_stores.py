"""The shop's stores, found by distance.

The release before it knows none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.stores.models import Cube

revision = "20261221_stores"
down_revision = "20261220_taxes"
branch_labels = None
depends_on = None

PLACE = (
    "cube(ARRAY[cos(radians(latitude)) * cos(radians(longitude)),"
    " cos(radians(latitude)) * sin(radians(longitude)), sin(radians(latitude))])"
)


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS cube")
    op.create_table(
        "stores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", postgresql.JSONB(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("place", Cube(), sa.Computed(PLACE, persisted=True), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("hours", postgresql.JSONB(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("offers_pickup", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_stores_latitude_on_earth")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_stores_longitude_on_earth")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stores")),
    )
    op.create_index("ix_stores_name_id", "stores", ["name", "id"])
    for name, condition in {
        "ix_stores_place": "is_active",
        "ix_stores_place_pickup": "is_active AND offers_pickup",
    }.items():
        op.create_index(
            name, "stores", ["place"], postgresql_using="gist", postgresql_where=sa.text(condition)
        )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON stores FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '')"
        " EXECUTE FUNCTION write_audit('id', 'place')"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("stores")
    op.execute("DROP EXTENSION cube")
