"""What peers read out of a record, plainly: words of a name, domain, phone. None of it is our own matching."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
"""An account or a lead, as its file has it."""

FREE_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "aol.com"),
        *("icloud.com", "gmx.de", "web.de", "mail.ru", "yandex.ru", "qq.com", "163.com", "naver.com", "proton.me"),
    }
)
LEGAL = frozenset({"inc", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "plc", "gmbh", "ag", "sa"})
"""Words at the end of a company's name that say its legal form."""
SHARED = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "gv", "net", "or", "org", "ne"})
"""Second-level labels under which a country registers names, such as co.uk."""
PHONE_DIGITS = 9
"""The last digits of a phone number tell it apart, however the country was dialled."""


def words(text: str | None) -> list[str]:
    """Return the words of `text`: lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", (text or "").replace("&", " and ").casefold())
    return re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def core(text: str | None) -> list[str]:
    """Return the words of a company's name without legal forms at its end; all of them if nothing else is left."""
    found = words(text)
    kept = list(found)
    while kept and kept[-1] in LEGAL:
        kept.pop()
    return kept or found


def host(record: Record) -> str | None:
    """Return the host of a record's website, or else of its e-mail address unless that is a free provider's."""
    website = re.sub(r"^\w+://", "", (record.get("website") or "").strip().lower())
    found = re.split(r"[/?#:]", website)[0].removeprefix("www.")
    if not found and "@" in (record.get("email") or ""):
        found = record["email"].rsplit("@", 1)[1].strip().lower()
    return found if "." in found and found not in FREE_MAIL else None


def registered(found: str | None) -> str | None:
    """Return the registered part of a host by a rule of thumb: two labels, or three under the likes of co.uk."""
    if found is None:
        return None
    labels = found.split(".")
    keep = 3 if len(labels[-1]) == 2 and labels[-2] in SHARED else 2
    return ".".join(labels[-keep:])


def phone(record: Record) -> str | None:
    """Return the last nine digits of a record's phone number, or None when it has fewer."""
    digits = re.sub(r"\D", "", record.get("phone") or "")
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else None
