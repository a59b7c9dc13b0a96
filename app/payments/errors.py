"""What can go wrong between us and a payment provider."""

from app.platform.errors import BadRequest, Conflict, Expected, Invalid


class AmountTooSmall(Invalid):
    """The provider does not take payments this small."""

    code = "amount-too-small"
    title = "Amount too small"


class IllegalPaymentMove(Conflict):
    """The payment's status does not allow it; `payment_status` is the present one."""

    code = "illegal-payment-move"
    title = "Illegal payment move"


class IllegalRefundMove(Conflict):
    """The refund's status does not allow it; `refund_status` is the present one."""

    code = "illegal-refund-move"
    title = "Illegal refund move"


class AmountTooLarge(Invalid):
    """The provider does not take payments this large."""

    code = "amount-too-large"
    title = "Amount too large"


class NotByTransfer(Conflict):
    """The payment is another provider's: only transfers to the shop's account are noted by hand."""

    code = "not-by-transfer"
    title = "Not by transfer"


class TransferKnown(Conflict):
    """This line of the bank's statement was noted before, as other money."""

    code = "transfer-known"
    title = "Transfer known"


class BadSignature(BadRequest):
    """The call does not come from the provider, or not now."""

    code = "bad-signature"
    title = "Bad signature"


class ReviewAmbiguous(Conflict):
    """Several things of the payment wait for a decision; `reviews` are their ids."""

    code = "review-ambiguous"
    title = "Review ambiguous"


class PaymentMethodsFull(Conflict):
    """The user has saved as many payment methods as the shop keeps."""

    code = "payment-methods-full"
    title = "Payment methods full"


class GatewayUnavailable(Expected):
    """The provider did not answer, or not with an answer: nothing is known, the same call may be repeated."""


class BeyondOurKey(GatewayUnavailable):
    """The provider does not let our key ask this: it will be answered once the key may do more."""


class FailureKept(GatewayUnavailable):
    """The provider failed at work, and answers so for ever under this key: only what is there says more."""


class CounterBusy(Expected):
    """No call to the provider while a buyer waits: enough others wait there, or it was silent too often."""


class GatewayRefused(Expected):
    """The provider understood and said no; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CardDeclined(GatewayRefused):
    """The bank said no; `object_id` is what it was asked to pay, where the provider told."""

    def __init__(self, code: str, object_id: str | None) -> None:
        super().__init__(code)
        self.object_id = object_id
