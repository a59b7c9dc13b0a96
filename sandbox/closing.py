from sandbox.addresses import Addresses
from sandbox.keys import Keys

_ADDRESSES = """
The shop is open. Ctrl-C closes it.

  API documentation   {api}/docs/
  Live updates        {live}/v1/live  (health {live}/health)
  Background work     {flower}  (login admin, password {flower_password})
  Caught mail         {mail}
  Metrics             {api}/metrics  (health {api}/health, readiness {api}/ready)
  Logs                var/log

  Accounts            admin@example.com, seller@example.com, buyer@example.com; password backroom-dev
"""

# One command per line, so that it can be pasted whole. JSON is read by Python, because not everybody has jq.
# Each time it is another buyer: the cart of one who did not pay would be in the way.
_LINES = r"""
Buy something by hand, as often as you like: paste these lines into bash.

field() {{ python3 -c 'import functools, json, sys; print(functools.reduce(lambda part, key: part[int(key) if key.isdigit() else key], sys.argv[1:], json.load(sys.stdin)))' "$@"; }}
API={api}; JSON='Content-Type: application/json'
TOKEN=$(curl -s $API/v1/auth/register -H "$JSON" -d '{{"email": "by-hand-'$RANDOM$RANDOM'@example.com", "password": "backroom-dev", "full_name": "Bea Buyer"}}' | field access_token)
SLUG=$(curl -s "$API/v1/products?in_stock=true&limit=1" | field items 0 slug)
SKU=$(curl -s $API/v1/products/$SLUG | field variants 0 sku)
curl -s $API/v1/cart/items -H "Authorization: Bearer $TOKEN" -H "$JSON" -d '{{"sku": "'$SKU'", "quantity": 1}}'; echo
CHECKOUT=$(curl -s $API/v1/checkout -H "Authorization: Bearer $TOKEN" -H "$JSON" -H "Idempotency-Key: by-hand-$RANDOM$RANDOM$RANDOM" -d '{{"payment_flow": "payment_intent", "shipping_method": "standard", "shipping_address": {{"name": "Bea Buyer", "line1": "1 Main Street", "city": "Springfield", "region": "IL", "postal_code": "62701", "country": "US"}}}}')
ORDER=$(field order id <<< "$CHECKOUT"); PAYMENT=$(field payment id <<< "$CHECKOUT")
INTENT=$(curl -s $API/v1/payments/$PAYMENT -H "Authorization: Bearer $TOKEN" | field provider_id)
curl -s {stripe}/v1/payment_intents/$INTENT/confirm -u {stripe_key}: -d payment_method=pm_card_visa | field status
for second in {{1..20}}; do curl -s $API/v1/orders/$ORDER/timeline -H "Authorization: Bearer $TOKEN" | grep -q orders.finalized && break; sleep 1; done
curl -s $API/v1/orders/$ORDER -H "Authorization: Bearer $TOKEN" | python3 -m json.tool
curl -s $API/v1/orders/$ORDER/timeline -H "Authorization: Bearer $TOKEN" | python3 -m json.tool

# Follow your orders live, from the first thing that happened to them on; Ctrl-C ends it:
curl -N "$(curl -s -X POST $API/v1/live-tickets -H "Authorization: Bearer $TOKEN" | field url)&last_event_id=0-0"

# In a browser: check out with "payment_flow": "checkout_session", and open the payment's redirect_url.
# Cards that work, decline or ask for 3-D Secure are in docs/stripe-stand-in.md.
"""  # noqa: E501 - each is one line for a shell


def closing_text(addresses: Addresses, keys: Keys, *, stripe_key: str) -> str:
    """What a newcomer needs: where to look, who to be, and how to buy something with curl, card included."""
    return (_ADDRESSES + _LINES).format(
        api=addresses.api,
        live=addresses.live,
        flower=addresses.flower,
        flower_password=keys.flower_password,
        mail=addresses.mail_page or "none: it is really sent",
        stripe=addresses.stripe,
        stripe_key=stripe_key,
    )
