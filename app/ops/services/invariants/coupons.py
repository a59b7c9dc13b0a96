"""What is true of coupons."""

from app.ops.services.invariants.invariant import Invariant

COUPONS = (
    Invariant(
        "I72",
        "A coupon counts the uses, reserved and used, that orders have of it; so does each of its customers.",
        """
        SELECT coupon.code FROM coupons coupon LEFT JOIN (
          SELECT coupon_id, count(*) FILTER (WHERE status = 'reserved') AS reserved,
            count(*) FILTER (WHERE status = 'used') AS used
          FROM coupon_uses GROUP BY 1
        ) counted ON counted.coupon_id = coupon.id
        WHERE (coupon.reserved, coupon.used) <> (coalesce(counted.reserved, 0), coalesce(counted.used, 0))
        UNION
        SELECT coupon_id || ' ' || customer FROM coupon_customers theirs FULL JOIN (
          SELECT coupon_id, customer, count(*) FILTER (WHERE status = 'reserved') AS reserved,
            count(*) FILTER (WHERE status = 'used') AS used
          FROM coupon_uses WHERE customer IS NOT NULL GROUP BY 1, 2
        ) counted USING (coupon_id, customer)
        WHERE (coalesce(theirs.reserved, 0), coalesce(theirs.used, 0))
          <> (coalesce(counted.reserved, 0), coalesce(counted.used, 0))""",
    ),
    Invariant(
        "I73",
        "An order's coupon is reserved while it waits, used once it is paid, released when it is over, and"
        " took off what the order says; without one nothing comes off.",
        """
        SELECT o.id FROM orders o LEFT JOIN coupon_uses taken ON taken.order_id = o.id
        LEFT JOIN coupons coupon ON coupon.id = taken.coupon_id
        WHERE (o.coupon_code IS NOT NULL OR taken.id IS NOT NULL OR o.discount_amount > 0)
          AND (o.coupon_code, o.discount_amount, o.currency,
              CASE o.status WHEN 'pending' THEN 'reserved' WHEN 'cancelled' THEN 'released' ELSE 'used' END)
            IS DISTINCT FROM (coupon.code, taken.discount_amount, taken.currency, taken.status)""",
    ),
)
