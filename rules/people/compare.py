"""What two people have in common and where they differ: a small whole number for each thing that is compared.

Above 0 speaks for one person and below 0 against it, 0 is what one of them does not say. The numbers of one thing are
in the order of how much they say; how much that is, the model knows (:mod:`rules.people.model`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from rules.people.common import COMMON
from rules.people.levels import NO_CROWD, Company, Crowd, Family, Given, Glance, Likeness, Mail, Phone
from rules.people.person import Person
from rules.people.short_names import roots
from rules.people.spelling import differs_in_ending, is_near, skeleton, sound

__all__ = [
    "NO_CROWD", "Company", "Crowd", "Family", "Given", "Likeness", "Mail", "Phone", "compare", "compare_on",
    "glance", "is_somebody_else",
]  # fmt: skip


_NEAR_LOCAL = 6
_ALIKE_COMPANY = 88
_ONE_EACH = 2


def compare(one: Person, other: Person, crowd: Crowd = NO_CROWD) -> Likeness:
    """Return how two people compare; the same in either order."""
    return compare_on(one, other, glance(one, other, crowd))


def glance(one: Person, other: Person, crowd: Crowd) -> Glance:
    """Return how what belongs to a person compares: addresses, numbers, names, ids."""
    given, family = _names(one, other)
    mail = _mail(one, other, crowd, given) if one.mailbox and other.mailbox else 0
    phone = _phone(one, other, crowd) if one.phones and other.phones else 0
    return mail, phone, given, family, _ids(one.ids, other.ids) if one.ids and other.ids else 0


def compare_on(one: Person, other: Person, seen: Glance) -> Likeness:
    """Return how two people compare of whom a glance tells the most."""
    mail, phone, given, family, ids = seen
    return Likeness(
        mail,
        phone,
        given,
        family,
        _middle(one.given, other.given) if given == Given.SAME else 0,
        _generation(one.generation, other.generation) if one.generation or other.generation else 0,
        ids,
        _company(one, other),
        _title(one.title, other.title) if one.title and other.title else 0,
        _same(one.city, other.city),
        _same(one.country, other.country),
        _rarity(one, other) if given > 0 and family > 0 else 0,
        -(one.name_of_mail or other.name_of_mail),
    )


def is_somebody_else(one: Person, other: Person) -> bool:
    """Tell whether two names are surely those of two people, whatever else they share."""
    given, family = _names(one, other)
    return (given == Given.OTHER and family != Family.SAME) or (given < 0 and family == Family.OTHER)


def _mail(one: Person, other: Person, crowd: Crowd, given: int) -> int:
    if one.mailbox == other.mailbox:
        # Of two names at one address a person must hear; of a third who is not named, nobody knows which it is.
        return Mail.ROLE if one.has_role_mailbox or (one.mailbox in crowd.mailboxes and given >= 0) else Mail.SAME
    if one.has_role_mailbox or other.has_role_mailbox:
        return Mail.UNKNOWN
    here = bool(one.mail_domain) and one.mail_domain == other.mail_domain
    if one.local == other.local:
        return Mail.SAME_COMPANY if here else Mail.SAME_LOCAL
    if here or one.mailbox.partition("@")[2] == other.mailbox.partition("@")[2]:
        near = min(len(one.local), len(other.local)) >= _NEAR_LOCAL and not _counted(one.local, other.local)
        if near and OSA.distance(one.local, other.local, score_cutoff=1) <= 1:
            return Mail.NEAR
        return Mail.OTHER_HERE if here else Mail.OTHER_PRIVATE
    if OSA.distance(one.mailbox, other.mailbox, score_cutoff=1) <= 1:
        return Mail.NEAR
    return Mail.OTHER if one.mail_domain or other.mail_domain else Mail.OTHER_PRIVATE


def _counted(one: str, other: str) -> bool:
    """Whether two addresses differ in their digits, which is no slip: ana1 and ana2."""
    return [*filter(str.isdigit, one)] != [*filter(str.isdigit, other)]


def _phone(one: Person, other: Person, crowd: Crowd) -> int:
    shared = [number for number in one.phones if number in other.phones]
    if not shared:
        return Phone.OTHER
    own = [number for number in shared if number not in crowd.phones]
    if not own:
        return Phone.SHARED
    return Phone.MOBILE if any(number in {one.mobile, other.mobile} for number in own) else Phone.SAME


def _names(one: Person, other: Person) -> tuple[int, int]:
    """Return how given and family names compare, straight or with the two taken for each other."""
    bare = False
    if one.script != other.script:
        scripts = one.script, other.script
        if "signs" in scripts:
            return Given.UNKNOWN, Family.UNKNOWN
        bare = "bare" in scripts
    ours, theirs, mine, yours = one.given, other.given, one.family, other.family
    if not ours or not theirs:
        given: int = Given.UNKNOWN
    else:
        given = Given.SAME if ours[0] == theirs[0] else _given(ours, theirs, bare)
    if not mine or not yours:
        family: int = Family.UNKNOWN
    else:
        family = Family.SAME if mine == yours else _family(mine, yours, bare)
    if given > 0 and family > 0:
        return given, family
    return _names_otherwise(one, other, given, family, bare)


def _names_otherwise(one: Person, other: Person, given: int, family: int, bare: bool) -> tuple[int, int]:  # noqa: FBT001 - as _given
    """Return how names compare that do not agree as they stand."""
    ours, theirs, mine, yours = one.given, other.given, one.family, other.family
    has_more = given == Given.SAME and family < 0 and len(ours) + len(theirs) > _ONE_EACH
    if has_more and not (set(ours[1:]).isdisjoint(yours) and set(theirs[1:]).isdisjoint(mine)):
        return given, Family.PART
    if ours and theirs and mine and yours:
        return _turned(ours, mine, theirs, yours, bare) or (given, family)
    if given == Given.UNKNOWN and family < 0:
        # One word only: it may be either name.
        words, all_ = sorted(((*ours, *mine), (*theirs, *yours)), key=len)
        if len(words) == 1 and any(sound(words[0]) == sound(word) for word in all_):
            return Given.UNKNOWN, Family.PART
    return given, family


_Words: TypeAlias = tuple[str, ...]


def _turned(ours: _Words, mine: _Words, theirs: _Words, yours: _Words, bare: bool) -> tuple[int, int] | None:  # noqa: FBT001 - as _given
    """Return how given and family names compare when the two are taken for each other; None when that is no better."""
    # One of the two has to be the same, which only names that sound alike are: seldom so, and quickly seen.
    if not (_sounds(ours[0], yours[0], bare) or _sounds(mine[0], theirs[0], bare)):
        return None
    turned = _given(ours, yours, bare), _given(mine, theirs, bare)
    if min(turned) >= Given.NEAR and max(turned) == Given.SAME:
        return min(turned), Family.SAME if turned[1] == Given.SAME else Family.PART
    return None


def _sounds(one: str, other: str, bare: bool) -> bool:  # noqa: FBT001 - as _given
    return sound(one) == sound(other) or (bare and skeleton(one) == skeleton(other))


@lru_cache(maxsize=1 << 16)
def _given(one: tuple[str, ...], other: tuple[str, ...], bare: bool) -> int:  # noqa: FBT001 - keywords make a cache slow
    if not one or not other:
        return Given.UNKNOWN
    first, second = one[0], other[0]
    if first == second:
        return Given.SAME
    if len(first) == 1 or len(second) == 1:
        return Given.INITIAL if first[0] == second[0] or sound(first) == sound(second) else Given.OTHER
    if sound(first) == sound(second) or (bare and skeleton(first) == skeleton(second)):
        return Given.SAME
    shared = roots(first) & roots(second)
    if shared:
        # Two that are short for a third name are one if they begin alike: Rick and Ricky, but not Lena and Kate.
        is_one = sound(first)[:1] == sound(second)[:1] or any(_stands_for(each, shared) for each in (first, second))
        return Given.SHORT if is_one else Given.NEAR
    if first in other or second in one or "".join(one) == "".join(other):
        return Given.PART
    if differs_in_ending(first, second):
        return Given.ENDING
    return Given.NEAR if is_near(first, second) else Given.OTHER


def _stands_for(name: str, whole: frozenset[str]) -> bool:
    """Whether a name is one of these itself, in any spelling: Aleksandr is Alexander."""
    return name in whole or any(is_near(sound(name), sound(each)) for each in whole)


@lru_cache(maxsize=1 << 16)
def _family(one: tuple[str, ...], other: tuple[str, ...], bare: bool) -> int:  # noqa: FBT001 - keywords make a cache slow
    if not one or not other:
        return Family.UNKNOWN
    if one == other:
        return Family.SAME
    heard = skeleton if bare else sound
    mine, theirs = set(map(heard, one)), set(map(heard, other))
    if mine == theirs or "".join(one) == "".join(other):
        return Family.SAME
    if not mine.isdisjoint(theirs):
        return Family.PART
    if len(one) == 1 and len(other) == 1:
        first, second = one[0], other[0]
        if (len(first) == 1 or len(second) == 1) and first[0] == second[0]:
            return Family.INITIAL
        # Ivanov and Ivanova.
        if first in {f"{second}a", f"{second[:-1]}aya"} or second in {f"{first}a", f"{first[:-1]}aya"}:
            return Family.NEAR
    if any(is_near(first, second) for first in one for second in other):
        return Family.NEAR
    return Family.OTHER


def _middle(one: Sequence[str], other: Sequence[str]) -> int:
    """Return 1 when second given names or their initials agree, -1 when they do not, 0 when one has none."""
    if len(one) < 2 or len(other) < 2:  # noqa: PLR2004
        return 0
    return 1 if one[1][0] == other[1][0] else -1


def _generation(one: str, other: str) -> int:
    """Return -2 for father and son, -1 where only one of them says, 1 where both say the same."""
    if one == other:
        return 1 if one else 0
    return -2 if one and other else -1


def _ids(one: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> int:
    theirs = dict(other)
    both = [value == theirs[field] for field, value in one if field in theirs]
    return 0 if not both else 1 if any(both) else -1


def _company(one: Person, other: Person) -> int:
    if one.account_id and one.account_id == other.account_id:
        return Company.SAME_TWICE
    by_name, by_domain = _by_name(one.company, other.company), 0
    if one.labels and other.labels:
        by_domain = 1 if not set(one.labels).isdisjoint(other.labels) else -1
    if by_name == Company.SAME and by_domain > 0:
        return Company.SAME_TWICE
    if by_name == Company.SAME or by_domain > 0:
        return Company.SAME
    if by_name == Company.UNKNOWN and one.company != other.company and _spelt(one, other):
        return Company.SAME
    if by_name == Company.NEAR:
        return Company.NEAR
    return Company.OTHER if by_name < 0 or by_domain < 0 else Company.UNKNOWN


def _spelt(one: Person, other: Person) -> bool:
    """Whether the company of one is spelt by the domain of the other."""
    return any(
        label.startswith(name) or name.startswith(label)
        for name, labels in ((one.company, other.labels), (other.company, one.labels))
        for label in labels
        if len(name) > 3 and len(label) > 3  # noqa: PLR2004
    )


def _by_name(one: str, other: str) -> int:
    if not one or not other:
        return Company.UNKNOWN
    if one == other:
        return Company.SAME
    short, long_ = sorted((one, other), key=len)
    if len(short) > 3 and long_.startswith(short):  # noqa: PLR2004
        return Company.NEAR
    return Company.NEAR if fuzz.ratio(one, other, score_cutoff=_ALIKE_COMPANY) else Company.OTHER


def _title(one: Sequence[str], other: Sequence[str]) -> int:
    if one == other:
        return 2
    return 1 if not set(one).isdisjoint(other) else -1


def _same(one: str, other: str) -> int:
    return 0 if not one or not other else 1 if one == other else -1


def _rarity(one: Person, other: Person) -> int:
    """Return 0 for a common name, 1 where the given, 2 where the family name is a rare one, 3 where both are."""
    given = COMMON.isdisjoint(one.given[:1] + other.given[:1])
    return given + 2 * (COMMON.isdisjoint(one.family) and COMMON.isdisjoint(other.family))
