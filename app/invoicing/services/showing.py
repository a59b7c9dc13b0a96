"""A document in words: everything that its template sets, made of the frozen facts and of nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.invoicing.models import Document
from app.invoicing.services.figures import Figures
from app.invoicing.services.parts import SHIPPING, Part, Rate, by_rate, parts_from
from app.invoicing.services.words import WORDS, Words
from app.invoicing.states import INVOICE
from app.platform.db import Json
from app.platform.locales import locale_of, postal_lines
from app.platform.typesetting import directed, families, typeset

UNBROKEN = "\u00a0"
TEMPLATE = Path(__file__).parents[1] / "templates" / "document.typ"


def render(document: Document, *, more_fonts: Path | None) -> bytes:
    """The document as PDF: the same bytes each time, as long as fonts and template are the same."""
    return typeset(TEMPLATE, page(document), moment=document.issued_at, more_fonts=more_fonts)


def page(document: Document) -> Json:
    """What stands on it, all in words."""
    facts = document.facts
    locale = locale_of(facts["locale"])
    words, figures = WORDS[locale.language], Figures(locale, document.currency)
    return _Page(document, facts, words, figures).shown() | {"language": locale.language}


@dataclass(frozen=True, slots=True)
class _Page:
    document: Document
    facts: Json
    words: Words
    figures: Figures

    def shown(self) -> Json:
        parts, seller = parts_from(self.facts["parts"]), self.facts["seller"]
        has_discount = any(part.discount for part in parts)
        return {
            "title": self.words[self.document.kind],
            "number": self.document.number,
            "fonts": families(self.facts["buyer"]["country"]),
            "page": self.words["page"],
            "seller": {
                "name": directed(seller["name"]),
                "lines": _directed([*seller["address"], seller["contact"]]),
            },
            "footer": _directed([self._registered(seller), *seller["footer"]]),
            "addresses": self._addresses(),
            "meta": self._meta(),
            "before": _directed(self._before()),
            "columns": [self.words[name] for name in _columns(has_discount=has_discount)],
            "rows": [self._row(part, has_discount=has_discount) for part in parts],
            "sums": self._sums(parts),
            "total": [
                self.words[f"{self.document.kind}_total"],
                self.figures.money(self.document.total_amount),
            ],
            "taxes": self._taxes(parts),
            "after": _directed(self._after(parts)),
        }

    def _registered(self, seller: Json) -> str:
        number = seller["tax_number"] and self.words["tax_number"].format(number=seller["tax_number"])
        told = filter(None, [seller["name"], *seller["address"], number, seller["register"]])
        return " · ".join(each.replace(" ", UNBROKEN) for each in told)

    def _addresses(self) -> list[Json]:
        buyer, recipient = self.facts["buyer"], self.facts.get("recipient")
        shown = [("billed_to", buyer)]
        if recipient and recipient != buyer:
            shown.append(("delivered_to", recipient))
        locale = self.figures.locale
        blocks: list[Json] = [
            {"label": self.words[name], "lines": _directed(postal_lines(address, locale))}
            for name, address in shown
        ]
        if number := self.facts["tax_number"]:
            blocks[0]["lines"].append(directed(self.words["tax_number"].format(number=number)))
        return blocks

    def _meta(self) -> list[list[str]]:
        words, facts = self.words, self.facts
        meta = [
            [words["issued_on"], self._day(facts["issued_on"])],
            [words["order"], facts["order_number"]],
            [words["ordered_on"], self._day(facts["placed_at"])],
        ]
        if of_invoice := facts.get("invoice"):
            meta.append([words["of_invoice"], of_invoice["number"]])
        return meta

    def _before(self) -> list[str]:
        if not (of_invoice := self.facts.get("invoice")):
            return []
        said = self.words["takes_all_back" if self.facts["is_all"] else "takes_back"]
        return [said.format(number=of_invoice["number"], day=self._day(of_invoice["issued_on"]))]

    def _row(self, part: Part, *, has_discount: bool) -> Json:
        figures, words = self.figures, self.words
        name = words["shipping"].format(name=part.name) if part.key == SHIPPING else part.name
        cells = [
            "" if part.quantity is None else str(part.quantity),
            "" if part.price is None else figures.amount(part.price),
            self._rate(part),
            figures.amount(self._amount(part)),
        ]
        if has_discount:
            cells.insert(2, figures.amount(-part.discount) if part.discount else "")
        return {"name": directed(name), "detail": self._detail(part), "cells": cells}

    def _detail(self, part: Part) -> str | None:
        if self.document.kind != INVOICE and part.quantity is None:
            return self.words["part_of"]
        return part.sku

    def _amount(self, part: Part) -> int:
        return part.gross if self.facts["prices_include_tax"] else part.gross - part.tax

    def _rate(self, part: Part) -> str:
        """Nothing for a tax whose rate was not kept."""
        return "" if part.tax and not part.basis_points else self.figures.rate(part.basis_points)

    def _sums(self, parts: Sequence[Part]) -> list[list[str]]:
        net = self.document.total_amount - self.document.tax_amount
        taxes = [[self._tax_at(each), self.figures.money(each.tax)] for each in by_rate(parts)]
        return [[self.words["net_total"], self.figures.money(net)], *taxes]

    def _tax_at(self, rate: Rate) -> str:
        if rate.tax and not rate.basis_points:
            return self.words["tax_unsplit"]
        return self.words["tax_at"].format(rate=self.figures.rate(rate.basis_points))

    def _taxes(self, parts: Sequence[Part]) -> list[list[str]]:
        rates = by_rate(parts)
        if len(rates) < 2:
            return []
        head = [self.words[name] for name in ("rate", "net", "tax", "gross")]
        figures = self.figures
        return [head] + [
            [
                figures.rate(each.basis_points),
                *(figures.amount(amount) for amount in (each.net, each.tax, each.net + each.tax)),
            ]
            for each in rates
        ]

    def _after(self, parts: Sequence[Part]) -> list[str]:
        basis = self.words["with_tax" if self.facts["prices_include_tax"] else "without_tax"]
        said = [self._paid() if self.document.kind == INVOICE else self.words["money_back"], basis]
        if self.facts["tax_number"] and not any(part.tax or part.basis_points for part in parts):
            said.append(self.words["exempt"])
        return said

    def _paid(self) -> str:
        day, method = self._day(self.facts["paid_at"]), self.facts["payment"]
        if not method or not method["brand"] or not method["last4"]:
            return self.words["paid"].format(day=day)
        named = self.words["card"].format(brand=method["brand"].capitalize(), last4=method["last4"])
        return self.words["paid_by"].format(day=day, method=named)

    def _day(self, written: str) -> str:
        return self.figures.day(datetime.fromisoformat(written).date())


def _columns(*, has_discount: bool) -> list[str]:
    discount = ["discount"] if has_discount else []
    return ["item", "quantity", "price", *discount, "tax_rate", "amount"]


def _directed(texts: Sequence[str | None]) -> list[Json]:
    return [directed(text) for text in texts if text]
