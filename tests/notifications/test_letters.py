from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from markupsafe import escape

from app.fulfillment.models import Fulfillment, ParcelLine, Return, ReturnLine
from app.fulfillment.queries import Parcel, ReturnCase
from app.notifications.errors import Refused
from app.notifications.models import Message
from app.notifications.services import letters
from app.notifications.services.mails import Letterhead
from app.notifications.states import ORDER_KINDS, PARCEL_KINDS
from app.orders import queries
from app.orders.models import Order
from app.orders.queries import link_token
from app.payments.models import Refund
from app.platform.db import transaction
from tests.notifications.orders import cancel, come_too_late, pay, place
from tests.notifications.post import Post, deliver, html_of, text_of

pytestmark = pytest.mark.usefixtures("database")

PAID = """\
Hello Ada Lovelace,

Thank you: your payment of $48.19 is confirmed and the items are yours.

We prepare your items and send them by Standard, 3 to 5 working days. Your invoice as PDF: {invoice}

See your order: {link}

Order {number}

2 x Garden chair (CHAIR-1): $40.00

Items: $40.00
Shipping: $4.99
Tax: $3.20
Total: $48.19

Shipping address:
Ada Lovelace
12 Analytical Way
NW1 5LS London
United Kingdom
"""


LETTERHEAD = Letterhead(
    "Backroom <shop@example.com>",
    "https://shop.example.com",
    "https://pages.example.com",
    "a secret of the tests",
)


def link_to(order: Order, part: str = "") -> str:
    token = link_token(order, secret=LETTERHEAD.link_secret)
    return f"https://shop.example.com/v1/orders/{order.number}{part}?token={token}"


def mail_about(order: Order, kind: str = "order_paid", reason: str = "other") -> EmailMessage:
    with transaction() as session:
        order = queries.get(session, order.id)
    message = Message(
        kind=kind,
        recipient=order.email,
        locale=order.locale,
        message_id="<1@example.com>",
        created_at=datetime(2026, 1, 17, 12, 30, 15, 999, tzinfo=UTC),
    )
    refund = Refund(amount=1250, currency="USD", reason=reason) if kind == "order_refunded" else None
    return letters.compose(message, order, LETTERHEAD, refund, parcel_of(order, kind))


def mail_about_return(kind: str, note: str | None = None) -> EmailMessage:
    """Of one of two chairs, which were both asked for; 12.50 goes back for it once it is received."""
    order = place()
    with transaction() as session:
        order = queries.get(session, order.id)
    message = Message(
        kind=kind,
        recipient=order.email,
        locale=order.locale,
        message_id="<1@example.com>",
        created_at=datetime(2026, 1, 17, tzinfo=UTC),
    )
    is_here = kind == "return_received"
    unit = ReturnLine(order_line_id=order.lines[0].id, quantity=2, received=int(is_here))
    row = Return(status=kind.removeprefix("return_"), note=note, lines=[unit])
    refund = Refund(amount=1250, currency="USD", reason="returned") if is_here else None
    return letters.compose(message, order, LETTERHEAD, case=ReturnCase(row, order, refund))


@pytest.mark.parametrize(
    ("kind", "note", "says"),
    [
        ("return_requested", None, ["We have your wish to send back: 2 × Garden chair."]),
        (
            "return_approved",
            "Use <our> label.",
            ["You can send back: 2 × Garden chair.", "Use <our> label. Put"],
        ),
        (
            "return_rejected",
            "It\nis worn.",
            ["We cannot take back: 2 × Garden chair.", "The reason is: It is worn."],
        ),
        (
            "return_received",
            None,
            ["come back to us: 1 × Garden chair.", "$12.50 goes back the way you paid"],
        ),
    ],
)
def test_a_mail_about_a_return_says_what_of_and_what_follows(
    kind: str, note: str | None, says: list[str]
) -> None:
    mail = mail_about_return(kind, note)

    assert [words in text_of(mail) for words in says] == [True] * len(says)
    assert [str(escape(words)) in html_of(mail) for words in says] == [True] * len(says)


def parcel_of(order: Order, kind: str) -> Parcel | None:
    """One with both chairs in it, if the mail is about that."""
    if kind not in PARCEL_KINDS:
        return None
    content = ParcelLine(order_line_id=order.lines[0].id, quantity=2)
    facts = {"carrier": "DHL", "tracking_number": "JD01", "tracking_url": "https://dhl.example/JD01"}
    row = Fulfillment(status="shipped", seller_id=order.lines[0].seller_id, contents=[content], **facts)
    return Parcel(row, order)


def test_a_mail_about_a_parcel_says_what_comes_and_where_to_follow_it() -> None:
    mail = mail_about(place(), "order_shipped")

    assert "Your order is on its way to you: 2 × Garden chair." in text_of(mail)
    assert "DHL brings it. Its number is JD01. Follow it: https://dhl.example/JD01\n" in text_of(mail)
    assert '<a href="https://dhl.example/JD01">Follow it</a>' in html_of(mail)


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("surplus", "$12.50 that you paid twice went back to you."),
        ("unavailable", "$12.50 that you paid for items which had been sold meanwhile went back to you."),
        ("cancelled", "$12.50 of your cancelled order went back to you."),
        ("returned", "$12.50 for what you sent back went back to you."),
        ("review", "$12.50 that did not fit your order went back to you."),
        ("other", "$12.50 of what you paid went back to you."),
    ],
)
def test_a_mail_about_a_refund_says_how_much_and_why(reason: str, says: str) -> None:
    mail = mail_about(place(), "order_refunded", reason)

    assert says in text_of(mail)
    assert says in html_of(mail)


def test_the_plain_text_says_everything() -> None:
    order = place()

    links = {"link": link_to(order), "invoice": link_to(order, "/invoice")}
    assert text_of(mail_about(order)) == PAID.format(number=order.number, **links)


def test_the_html_says_the_same() -> None:
    order = place()

    html = html_of(mail_about(order))

    for fact in ("Hello Ada Lovelace,", "2 × Garden chair", "CHAIR-1", "$48.19</td>", "12 Analytical Way"):
        assert html.count(fact) == 1
    assert f'href="{link_to(order)}"' in html


def test_the_headers_are_those_of_an_automatic_mail() -> None:
    order = place()

    assert dict(mail_about(order)) == {
        "From": "Backroom <shop@example.com>",
        "To": "ada@example.com",
        "Subject": f"Your order {order.number} is paid",
        "Date": "Sat, 17 Jan 2026 12:30:15 +0000",
        "Message-ID": "<1@example.com>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "multipart/alternative",
    }


@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_every_mail_has_its_order_number_in_an_ascii_subject(kind: str) -> None:
    picked_up = {"shipping_method": "pickup", "pickup_store": {"name": "London", "phone": None, "hours": {}}}
    how = picked_up if kind == "order_ready" else {}
    order = place(address={"name": "Zoë 象"}, product="Stühlchen", **how)

    mail = mail_about(order, kind)

    assert order.number in mail.as_bytes().partition(b"\r\nSubject: ")[2].partition(b"\r\n")[0].decode()
    assert mail.as_bytes().isascii()
    for part in (text_of(mail), html_of(mail)):
        assert "Zoë 象" in part
        assert "Stühlchen" in part


def test_a_discount_is_shown_where_there_is_one() -> None:
    order = place(discount_amount=1000, total_amount=3819)

    assert "\nItems: $40.00\nDiscount: -$10.00\nShipping:" in text_of(mail_about(order))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("expired", "Your order was not paid in full and in time, so it is cancelled."),
        ("buyer", "Your order is cancelled, as you asked."),
        ("admin", "We had to cancel your order."),
    ],
)
def test_a_cancellation_gives_its_reason(post: Post, reason: str, words: str) -> None:
    cancel(place(), reason)

    deliver("order_cancelled")

    assert words in text_of(post.only_mail())
    assert words in html_of(post.only_mail())


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("buyer", "Your order is cancelled, as you asked."),
        ("admin", "We had to cancel your order, and we are sorry."),
    ],
)
def test_who_had_paid_is_told_that_the_money_goes_back(post: Post, reason: str, words: str) -> None:
    order = place()
    pay(order)
    cancel(order, reason)

    deliver("paid_order_cancelled")

    for text in (text_of(post.only_mail()), html_of(post.only_mail())):
        assert words in text
        assert "We return what you paid, less what you have had back already" in text


def test_money_that_came_too_late_is_promised_back(post: Post) -> None:
    come_too_late(place())

    deliver("order_unavailable")

    assert "Your payment of $48.19 reached us after the time to pay was over" in text_of(post.only_mail())
    assert "We return the full amount in the way you paid." in html_of(post.only_mail())


def test_a_paid_order_is_confirmed(post: Post) -> None:
    pay(place())

    deliver("order_paid")

    assert "your payment of $48.19 is confirmed" in text_of(post.only_mail())


def test_no_name_becomes_markup() -> None:
    mail = mail_about(place(product="<script>alert(1)</script>", address={"name": 'A" <b>'}))

    assert "<script" not in html_of(mail)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html_of(mail)
    assert "Hello A&#34; &lt;b&gt;," in html_of(mail)
    assert "<script>alert(1)</script>" in text_of(mail)


def test_a_name_with_line_breaks_writes_neither_headers_nor_lines() -> None:
    attack = "Ada\r\nBcc: all@example.com\r\n\r\nTotal: 0.00 USD"

    mail = mail_about(place(product=attack, address={"name": attack}))

    assert mail["Bcc"] is None
    assert "Hello Ada Bcc: all@example.com Total: 0.00 USD,\n" in text_of(mail)
    assert "2 x Ada Bcc: all@example.com Total: 0.00 USD (CHAIR-1)" in text_of(mail)


@pytest.mark.parametrize(
    "email",
    ["a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com", "nobody", "größe@example.com"],
)
def test_an_address_that_no_mail_reaches_is_refused(email: str) -> None:
    order = place(email=email)

    with pytest.raises(Refused, match=r"^the address (is malformed|needs a mail server)"):
        mail_about(order)


def test_an_international_domain_is_written_in_ascii() -> None:
    assert mail_about(place(email="ada@größe.example"))["To"] == "ada@xn--gre-6ka8i.example"
