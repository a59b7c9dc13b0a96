"""The judge of every proof: is what the shop says also what Stripe, the mailbox and the buyers say?

    verdict = judge(
        database_url,                               # of the shop, at rest
        books=answer.json(),                        # of GET {stripe}/_admin/books
        inbox=Inbox(mail_dir).newest(1_000_000),    # sandbox.mail.inbox
        history=[Request(who="a", method="POST", path="/v1/checkout", key="k", status=201, order_id="0")],
        longest_hold=timedelta(hours=24),           # LONGEST_HOLD of the shop
    )
    print(verdict.table())
    sys.exit(0 if verdict.holds else 1)

Call it when nothing is under way: faults ended, webhooks delivered, deliveries done, due holds over. It asks
every invariant of `flask doctor --at-rest`, and compares with what the others say. Nothing is written.
`history` may be left out; what is in it counts: name `who`, key and ids truly, and give a request that got no
answer the status None. `verdict.violations` is empty when all holds; `verdict.figures` are plain numbers.
"""

from proof.oracle.evidence import Request
from proof.oracle.judging import ORACLE, connected, judge
from proof.oracle.verdict import Verdict, Violation

__all__ = ["ORACLE", "Request", "Verdict", "Violation", "connected", "judge"]
