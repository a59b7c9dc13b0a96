"""Who sells, as it must stand on an invoice, and how documents are numbered."""

from dataclasses import dataclass
from pathlib import Path

from app.platform.environment import Environment, SettingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What the law wants to read about the shop. `address` and `footer` are lines."""

    name: str
    address: tuple[str, ...]
    tax_number: str | None
    register: str | None
    contact: str | None
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRules:
    """`more_fonts` is a folder with fonts for scripts that ours do not have."""

    seller: Seller
    invoice_prefix: str
    credit_note_prefix: str
    more_fonts: Path | None


def invoice_rules(env: Environment) -> InvoiceRules:
    """What the environment says. Raises SettingError: production must say who sells, and numbers differ."""
    in_production = env.app_env == "production"
    seller = Seller(
        name=env.text("SELLER_NAME", None if in_production else "Backroom"),
        address=_lines(env.text("SELLER_ADDRESS", None if in_production else "1 Back Street; London; GB")),
        tax_number=env.optional("SELLER_TAX_NUMBER"),
        register=env.optional("SELLER_REGISTER"),
        contact=env.optional("SELLER_CONTACT"),
        footer=_lines(env.optional("INVOICE_FOOTER") or ""),
    )
    more_fonts = env.optional("MORE_FONTS")
    if more_fonts is not None and not Path(more_fonts).is_dir():
        raise SettingError("MORE_FONTS must be a folder with fonts.")
    invoices, credit_notes = env.text("INVOICE_PREFIX", "INV"), env.text("CREDIT_NOTE_PREFIX", "CN")
    if invoices == credit_notes:
        raise SettingError("INVOICE_PREFIX and CREDIT_NOTE_PREFIX must differ.")
    return InvoiceRules(
        seller=seller,
        invoice_prefix=invoices,
        credit_note_prefix=credit_notes,
        more_fonts=None if more_fonts is None else Path(more_fonts),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split(";") if line.strip())
