from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request

from sandbox.mail.faults import Fault, Faults
from sandbox.mail.inbox import Inbox, Summary, body, header, parse

_OWN_PAGES = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
# What a mail brings may be drawn, with styles of its own, but may neither run, load nor send anything.
_MAIL_BODIES = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_MOST_LISTED = 1000


def create_page(inbox: Inbox, faults: Faults) -> Flask:
    """The page that shows caught mail, its JSON, and the switch for faults."""
    page = Flask(__name__)
    # A web site that points its own name at this machine must not read password resets here.
    page.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    page.after_request(_protect)
    _add_lists(page, inbox)
    _add_message(page, inbox)
    _add_faults(page, faults)
    return page


def _add_lists(page: Flask, inbox: Inbox) -> None:
    @page.get("/")
    def show_list() -> str:
        return render_template("list.html", mails=inbox.newest(200))

    @page.get("/messages.json")
    def list_as_json() -> Response:
        limit = min(request.args.get("limit", 100, int), _MOST_LISTED)
        return jsonify({"items": [_as_json(mail) for mail in inbox.newest(limit)]})


def _add_message(page: Flask, inbox: Inbox) -> None:
    def content(name: str) -> bytes:
        found = inbox.read(name)
        return found if found is not None else abort(404)

    @page.get("/messages/<name>")
    def show_message(name: str) -> str:
        mail = parse(content(name))
        return render_template(
            "message.html",
            name=name,
            subject=header(mail, "Subject"),
            headers=[(key, header(mail, key)) for key in dict.fromkeys(mail.keys())],
            text=body(mail, "plain"),
            has_html=body(mail, "html") is not None,
        )

    @page.get("/messages/<name>/html")
    def show_html(name: str) -> Response:
        answer = Response(body(parse(content(name)), "html") or "", mimetype="text/html")
        answer.headers["Content-Security-Policy"] = _MAIL_BODIES
        return answer

    @page.get("/messages/<name>/source")
    def show_source(name: str) -> Response:
        return Response(content(name), mimetype="text/plain")


def _add_faults(page: Flask, faults: Faults) -> None:
    @page.route("/faults", methods=["GET", "PUT", "DELETE"])
    def order_faults() -> Response:
        if request.method != "GET":
            # Only JSON is read: another web site cannot send that here without asking first.
            wanted: dict[str, Any] = request.get_json() if request.method == "PUT" else {}
            fault = wanted.get("fault")
            if fault is not None and fault not in list(Fault):
                abort(422, f"A fault is one of {', '.join(Fault)}")
            faults.order(fault and Fault(fault), wanted.get("count"))
        return jsonify({"fault": faults.fault, "count": faults.count})


def _protect(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", _OWN_PAGES)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _as_json(mail: Summary) -> dict[str, str]:
    return {
        "file": mail.file,
        "received_at": mail.received_at.isoformat(),
        "subject": mail.subject,
        "from": mail.sender,
        "to": mail.to,
        "message_id": mail.message_id,
    }
