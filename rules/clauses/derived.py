"""What a record says without a field for it: the whole name of a person, the domain of a mail address or a site."""

from __future__ import annotations

from rules import normalize
from rules.model import Record

__all__ = ["values"]


def values(record: Record, own_free_mail: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return what follows from a record's fields, under canonical names; what does not follow has no key.

    ``name`` of first and last name. ``email_domain`` is what stands behind the @; ``domain`` is the registrable one of
    the company: of the mail address unless that is free mail (`own_free_mail` adds to those that everybody knows), else
    of the website. Both want a value that can be read.
    """
    found: dict[str, str] = {}
    mail = normalize.email(record.text("email")).rpartition("@")[2]
    if mail:
        found["email_domain"] = mail
    if domain := _company(mail, own_free_mail) or _company(record.text("website"), own_free_mail):
        found["domain"] = domain
    if record.kind in {"lead", "contact"} and not record.text("name"):
        name = f"{record.text('first_name')} {record.text('last_name')}".strip()
        found |= {"name": name} if name else {}
    return found


def _company(address: str, own_free_mail: frozenset[str]) -> str:
    """Return the registrable domain of a mail domain or a site; "" when it is shared by many."""
    domain = normalize.domain(address) if address else ""
    shared = not domain or domain in normalize.SHARED_SITES or normalize.is_free_mail(domain, own_free_mail)
    return "" if shared else domain
