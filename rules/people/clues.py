"""The clues about two people: each tells, in the first line of its docstring, what it found. The model says its worth.

A clue takes two people and how they compare, and returns the values for its sentence, or None when it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from rules.model import Evidence
from rules.people.compare import Company, Family, Given, Likeness, Mail, Phone
from rules.people.person import Person
from rules.wording import catalogue
from rules.wording.said import Said
from rules.wording.words import showable

__all__ = ["CLUES", "SENTENCES", "TOLD", "Two", "evidence"]


class Two(NamedTuple):
    """Two people, and how they compare."""

    one: Person
    other: Person
    alike: Likeness


Clue: TypeAlias = Callable[[Two], Mapping[str, str] | None]

TOLD = 0.05
"""Evidence of less weight (log-odds) is not told by itself."""


def same_email(two: Two) -> Mapping[str, str] | None:
    """Both have the e-mail address {email}."""
    return {"email": two.one.mailbox} if two.alike.mail == Mail.SAME else None


def same_role_email(two: Two) -> Mapping[str, str] | None:
    """Both have the e-mail address {email}, which many people may read."""
    return {"email": two.one.mailbox} if two.alike.mail == Mail.ROLE else None


def alike_email(two: Two) -> Mapping[str, str] | None:
    """Their e-mail addresses are alike: {one} and {other}."""
    return {"one": two.one.mailbox, "other": two.other.mailbox} if two.alike.mail in {1, 3, 4} else None


def other_email(two: Two) -> Mapping[str, str] | None:
    """Their e-mail addresses differ: {one} and {other}."""
    return {"one": two.one.mailbox, "other": two.other.mailbox} if two.alike.mail < 0 else None


def same_phone_number(two: Two) -> Mapping[str, str] | None:
    """Both have the phone number {phone}."""
    return {"phone": _number(two)} if two.alike.phone >= Phone.SAME else None


def shared_phone_number(two: Two) -> Mapping[str, str] | None:
    """Both have the phone number {phone}, which others have too."""
    return {"phone": _number(two)} if two.alike.phone == Phone.SHARED else None


def other_phone_number(two: Two) -> Mapping[str, str] | None:
    """Their phone numbers differ: {one} and {other}."""
    return {"one": two.one.phones[0], "other": two.other.phones[0]} if two.alike.phone < 0 else None


def same_person_name(two: Two) -> Mapping[str, str] | None:
    """Both are called {name}."""
    same = two.alike.given == Given.SAME and two.alike.family == Family.SAME
    return {"name": _shown(two.other)} if same else None


def other_person_name(two: Two) -> Mapping[str, str] | None:
    """Their names differ: {one} and {other}."""
    apart = two.alike.given < 0 or two.alike.family < 0
    return {"one": _shown(two.one), "other": _shown(two.other)} if apart else None


def alike_name(two: Two) -> Mapping[str, str] | None:
    """Their names are alike: {one} and {other}."""
    return {"one": _shown(two.one), "other": _shown(two.other)} if two.alike.given > 0 or two.alike.family > 0 else None


def other_generation(two: Two) -> Mapping[str, str] | None:
    """They may be father and son: {one} and {other}."""
    return {"one": _shown(two.one), "other": _shown(two.other)} if two.alike.generation < 0 else None


def same_id(two: Two) -> Mapping[str, str] | None:
    """Both have {field} {value}."""
    return _known(two) if two.alike.ids > 0 else None


def other_id(two: Two) -> Mapping[str, str] | None:
    """Their values of {field} differ: {one} and {other}."""
    if two.alike.ids >= 0:
        return None
    theirs = dict(two.other.ids)
    field = next(field for field, _ in two.one.ids if field in theirs)
    return {"field": _named(field), "one": dict(two.one.ids)[field], "other": theirs[field]}


def same_employer(two: Two) -> Mapping[str, str] | None:
    """They are at one company."""
    return {} if two.alike.company > Company.UNKNOWN else None


def other_employer(two: Two) -> Mapping[str, str] | None:
    """They are at different companies."""
    return {} if two.alike.company < Company.UNKNOWN else None


def same_details(two: Two) -> Mapping[str, str] | None:
    """What they say of title, city and country agrees."""
    return {} if two.alike.title + two.alike.city + two.alike.country > 0 else None


def other_details(two: Two) -> Mapping[str, str] | None:
    """What they say of title, city and country does not agree."""
    return {} if min(two.alike.title, two.alike.city, two.alike.country) < 0 else None


def rare_name(two: Two) -> Mapping[str, str] | None:
    """Few people are called that."""
    return {} if two.alike.rare > 0 else None


def common_name(two: Two) -> Mapping[str, str] | None:
    """Many people are called that."""
    return {} if two.alike.rare == 0 and two.alike.given > 0 and two.alike.family > 0 else None


def rest(_: Two) -> Mapping[str, str] | None:
    """What else is known, and what is not."""
    return {}


CLUES: Mapping[str, tuple[frozenset[str], tuple[Clue, ...]]] = {
    "mail": (frozenset({"mail", "of_mail"}), (same_email, same_role_email, alike_email, other_email)),
    "phone": (frozenset({"phone"}), (same_phone_number, shared_phone_number, other_phone_number)),
    "name": (frozenset({"given", "family", "middle"}), (same_person_name, other_person_name, alike_name)),
    "generation": (frozenset({"generation"}), (other_generation,)),
    "ids": (frozenset({"ids"}), (same_id, other_id)),
    "company": (frozenset({"company"}), (same_employer, other_employer)),
    "details": (frozenset({"title", "city", "country"}), (same_details, other_details)),
    "rare": (frozenset({"rare"}), (rare_name, common_name)),
}
"""For each kind of evidence the comparisons behind it, and the clues that may tell it; the first that applies does."""
SENTENCES = {
    clue.__name__: (clue.__doc__ or clue.__name__).splitlines()[0]
    for clue in (*(clue for _, some in CLUES.values() for clue in some), rest)
}
"""Kind of evidence -> its sentence in English."""


def evidence(two: Two, score: float, gave: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what a score is made of, in the order in which people read it; the weights add up to it."""
    found, left = [], score
    for features, clues in CLUES.values():
        weight = sum(gave[feature] for feature in features)
        for clue in clues:
            values = clue(two)
            if values is not None and abs(weight) >= TOLD:
                found.append(_evidence(clue, values, weight))
                left -= weight
                break
    return (*found, _evidence(rest, {}, left)) if abs(left) >= TOLD else tuple(found)


def _evidence(clue: Clue, values: Mapping[str, str], weight: float) -> Evidence:
    name = clue.__name__
    sentence = f"person.{name}"
    told = {field: showable(value) for field, value in values.items()}
    text = Said(catalogue.template(sentence, SENTENCES[name]).format(**told), sentence, told)
    return Evidence(name, text, round(weight, 4))


def _shown(who: Person) -> str:
    return who.shown or who.name.title()


def _number(two: Two) -> str:
    return next(number for number in two.one.phones if number in two.other.phones)


def _known(two: Two) -> Mapping[str, str]:
    theirs = dict(two.other.ids)
    field, value = next((field, value) for field, value in two.one.ids if theirs.get(field) == value)
    return {"field": _named(field), "value": value}


def _named(field: str) -> str:
    return "LinkedIn" if field == "linkedin" else field
