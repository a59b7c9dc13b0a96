"""Zones that the shop delivers to, with their rates.

The release before it goes on with the flat rate of its settings.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261228_shipping_zones"
down_revision = "20261227_service_mails"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "shipping_zones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_zones")),
    )
    op.create_index(
        "uq_shipping_zones_default",
        "shipping_zones",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "shipping_places",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_prefix", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "region = '' OR postal_prefix = ''", name=op.f("ck_shipping_places_region_or_prefix")
        ),
        sa.CheckConstraint(
            "country <> '' OR (region = '' AND postal_prefix = '')",
            name=op.f("ck_shipping_places_in_a_country"),
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zones.id"], name=op.f("fk_shipping_places_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_places")),
        sa.UniqueConstraint("country", "region", "postal_prefix", name="uq_shipping_places_place"),
    )
    op.create_index("ix_shipping_places_zone_id", "shipping_places", ["zone_id"])
    op.create_table(
        "shipping_rates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("tiers", postgresql.JSONB(), nullable=True),
        sa.Column("free_from_amount", sa.BigInteger(), nullable=True),
        sa.Column("fewest_days", sa.Integer(), nullable=False),
        sa.Column("most_days", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(amount, tiers) = 1", name=op.f("ck_shipping_rates_one_way_to_reckon")
        ),
        sa.CheckConstraint(
            "amount >= 0 AND free_from_amount >= 0", name=op.f("ck_shipping_rates_amounts_not_negative")
        ),
        sa.CheckConstraint(
            "fewest_days BETWEEN 0 AND most_days", name=op.f("ck_shipping_rates_days_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zones.id"], name=op.f("fk_shipping_rates_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_rates")),
        sa.UniqueConstraint("zone_id", "code", "currency", name="uq_shipping_rates_zone_id_code_currency"),
    )
    for table in ("shipping_zones", "shipping_places", "shipping_rates"):
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
            " WHEN (current_setting('backroom.operator', true) > '')"
            " EXECUTE FUNCTION write_audit('id', '')"
        )


def downgrade() -> None:
    """Undo."""
    for table in ("shipping_rates", "shipping_places", "shipping_zones"):
        op.drop_table(table)
