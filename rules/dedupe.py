"""Whether a lead is a person the CRM has already: blocking keys, clues, and a verdict of same, unsure or different."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rapidfuzz import fuzz

from rules import catalogue, normalize
from rules.model import DuplicateStatus, Evidence, Record, Verdict
from rules.words import showable

WEIGHTS: dict[str, float] = {
    "same_email": 9.0,
    "same_role_email": 1.0,
    "same_phone_number": 2.0,
    "same_person_name": 2.5,
    "other_person_name": -4.0,
}
"""Kind of evidence -> log-odds that two records are one person."""

_SAME_NAME = 90
_OTHER_NAME = 60
_UNDATED = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """What a lead or a contact says about who it is, normalised once."""

    mailbox: str
    phones: tuple[str, ...]
    name: str
    last_name: str

    @property
    def has_role_mailbox(self) -> bool:
        """Tell whether the address is one that many people read, such as ``info@``."""
        return normalize.is_role(self.mailbox)


def person(record: Record) -> Person:
    """Return who a record is about."""
    name = normalize.person(record.text("name") or f"{record.text('first_name')} {record.text('last_name')}")
    country = record.text("country")
    phones = (normalize.phone(record.text(field), country) for field in ("phone", "mobile"))
    last = normalize.person(record.text("last_name")) or name.rpartition(" ")[2]
    mailbox = normalize.mailbox(record.text("email"))
    return Person(mailbox, tuple(dict.fromkeys(filter(None, phones))), normalize.latin(name), normalize.latin(last))


def keys(record: Record) -> tuple[str, ...]:
    """Return the blocking keys of a person: ``email:`` the mailbox, ``phone:`` each number with the last name."""
    who = person(record)
    mail = (f"email:{who.mailbox}",) if who.mailbox else ()
    return mail + tuple(f"phone:{number}/{who.last_name}" for number in who.phones if who.last_name)


def same_email(lead: Person, other: Person) -> Evidence | None:
    """Both have the e-mail address {email}."""
    same = lead.mailbox and lead.mailbox == other.mailbox and not lead.has_role_mailbox
    return _found(same_email, email=lead.mailbox) if same else None


def same_role_email(lead: Person, other: Person) -> Evidence | None:
    """Both have the e-mail address {email}, which many people may read."""
    same = lead.mailbox and lead.mailbox == other.mailbox and lead.has_role_mailbox
    return _found(same_role_email, email=lead.mailbox) if same else None


def same_phone_number(lead: Person, other: Person) -> Evidence | None:
    """Both have the phone number {phone}."""
    same = next((number for number in lead.phones if number in other.phones), "")
    return _found(same_phone_number, phone=same) if same else None


def same_person_name(lead: Person, other: Person) -> Evidence | None:
    """Both are called {name}."""
    alike = lead.name and other.name and fuzz.token_sort_ratio(lead.name, other.name) >= _SAME_NAME
    return _found(same_person_name, name=other.name.title()) if alike else None


def other_person_name(lead: Person, other: Person) -> Evidence | None:
    """Their names differ: {one} and {other}."""
    apart = lead.name and other.name and fuzz.token_set_ratio(lead.name, other.name) < _OTHER_NAME
    return _found(other_person_name, one=lead.name.title(), other=other.name.title()) if apart else None


CLUES: tuple[Callable[[Person, Person], Evidence | None], ...] = (
    same_email,
    same_role_email,
    same_phone_number,
    same_person_name,
    other_person_name,
)
"""All clues about people, in the order in which they are read."""


SENTENCES = {clue: (clue.__doc__ or clue.__name__).splitlines()[0] for clue in CLUES}


def _found(clue: Callable[[Person, Person], Evidence | None], **values: str) -> Evidence:
    template = catalogue.template(f"person.{clue.__name__}", SENTENCES[clue])
    told = {name: showable(value) for name, value in values.items()}
    return Evidence(clue.__name__, template.format(**told), WEIGHTS[clue.__name__])


def verdict(lead: Record, others: Sequence[Record]) -> Verdict:
    """Say whether one of the other records is the same person as the lead, and which of them survives.

    Only a record that is older (created earlier; then by id) counts, so that of N leads in one batch exactly those are
    duplicates that would have been one by one. The same address of one person is ``same``; a shared mailbox or phone
    together with the same name is ``unsure``. Of several, a contact stands before a lead, and then the oldest.
    """
    who = person(lead)
    older = sorted((other for other in others if _is_older(other, lead)), key=_standing)
    judged = [(other, *_judge(who, person(other))) for other in older]
    for wanted in ("same", "unsure"):
        for other, status, found in judged:
            if status == wanted:
                return Verdict(status, other.kind, other.id, other.owner_id, found)
    return Verdict("different")


def _judge(lead: Person, other: Person) -> tuple[DuplicateStatus, tuple[Evidence, ...]]:
    found = tuple(evidence for clue in CLUES if (evidence := clue(lead, other)))
    kinds = {evidence.kind for evidence in found}
    if "same_email" in kinds:
        return "same", found
    shared = kinds & {"same_phone_number", "same_role_email"}
    return ("unsure" if shared and "same_person_name" in kinds else "different"), found


def _is_older(other: Record, lead: Record) -> bool:
    return (other.kind, other.id) != (lead.kind, lead.id) and _age(other) < _age(lead)


def _age(record: Record) -> tuple[datetime, str]:
    """Order by age, oldest first; a record without a date counts as newest, so that the order is total."""
    return record.created_at or _UNDATED, record.id


def _standing(record: Record) -> tuple[bool, datetime, str]:
    return record.kind != "contact", *_age(record)
