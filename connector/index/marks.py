"""What a record leaves in the index: its keys, its tags and what is counted of it, all as keyed hashes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.store import codec
from connector.store.seal import LONE, Seal
from rules import dedupe, normalize
from rules.matching import keys, recall
from rules.matching.profile import Profile, pack, profile, unpack
from rules.model import Kind, Record

KINDS: dict[Kind, int] = {"account": 1, "contact": 2, "lead": 3}
"""The kinds of record that the index holds, as the database has them."""
NAMES: dict[int, Kind] = {number: kind for kind, number in KINDS.items()}

TAG = 8
"""Bits of a tag."""
ABOVE = 3 * TAG
"""Bits below a record's number in a posting: tie, country, city."""
_SOME = (1 << TAG) - 1
_COUNTED = ("word:", "domain:")
"""Keys whose number of accounts is kept: rules.matching.ranking asks how rare they are, however many there are."""

Hash = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Marks:
    """The hashes that a record is posted under, the tags of its postings, the hashes it is counted under.

    `contact` says whose contact it is: the hash of its mail domain, which is `domain`, and its account's id.
    """

    hashes: frozenset[int] = frozenset()
    tags: int = 0
    counted: frozenset[int] = frozenset()
    contact: tuple[int, str] | None = None
    domain: str = ""


NOTHING = Marks()


def of_account(seal: Seal, side: Profile) -> Marks:
    """Return what an account leaves in the index."""
    hash_, posted = seal.hash, keys.posted(side)
    found = dict(zip(posted, seal.hashes(posted), strict=True))
    counted = frozenset(value for key, value in found.items() if key.startswith(_COUNTED))
    own = side.country or (next(iter(side.countries)) if len(side.countries) == 1 else "")
    tags = (hash_(f"tie:{side.id}") & _SOME) << 2 * TAG | country(hash_, own) << TAG | city(hash_, side.city)
    return Marks(frozenset(found.values()), tags, counted)


def of_person(hash_: Hash, record: Record, ids: Sequence[str] = ()) -> Marks:
    """Return what a lead or a contact leaves in the index. `ids` are fields in which one value is one person."""
    hashes = frozenset(hash_(f"person {key}") for key in dedupe.keys(record, ids))
    if record.kind == "lead" and not record.fields.get("converted"):
        hashes |= frozenset(called(hash_, profile(record)).values())
    tags = (hash_(f"tie:{record.id}") & _SOME) << 2 * TAG
    # The account of a person is no company's: who else writes from their domain does not belong to it.
    is_anybodys = record.kind == "contact" and not record.fields.get("person")
    account_id = record.text("account_id") if is_anybodys else ""
    domain = _own_domain(record.text("email")) if account_id else ""
    contact = (domain_of_contacts(hash_, domain), account_id) if domain else None
    return Marks(hashes, tags, contact=contact, domain=domain)


def called(hash_: Hash, side: Profile) -> dict[str, int]:
    """Return the keys by which an account finds leads, with the hashes that leads are posted under."""
    return {key: hash_(f"lead {key}") for key in recall.keys(side)}


def calling(hash_: Hash, domain: str) -> int:
    """Return the hash under which the leads of a mail domain are posted."""
    return hash_(f"lead {recall.of_domain(domain)}")


def domain_of_contacts(hash_: Hash, domain: str) -> int:
    """Return the hash under which the contacts with this mail domain are counted."""
    return hash_(f"contacts {domain}")


def number_of(hash_: Hash, kind: Kind) -> int:
    """Return the hash under which all records of a kind are counted."""
    return hash_(f"kind:{kind}")


def country(hash_: Hash, code: str) -> int:
    """Return the tag of a country; 0 for none."""
    return _tag(hash_, f"country {code}") if code else 0


def city(hash_: Hash, name: str) -> int:
    """Return the tag of a city; 0 for none."""
    return _tag(hash_, f"city {name}") if name else 0


def close_record(seal: Seal, record: Record) -> bytes:
    """Seal a whole record."""
    return seal.close_bytes(codec.dump_record(record), about=f"index:{record.kind}:{record.id}")


def open_record(seal: Seal, kind: Kind, record_id: str, sealed: bytes) -> Record:
    """Open a whole record. Raises Unreadable."""
    return codec.load_record(seal.open_bytes(sealed, about=f"index:{kind}:{record_id}"))


def close_profile(seal: Seal, side: Profile) -> bytes:
    """Seal the profile of an account."""
    return seal.close_bytes(_compact(pack(side)).encode(errors=LONE), about=f"profile:{side.id}")


def open_profile(seal: Seal, record_id: str, sealed: bytes) -> Profile:
    """Open the profile of an account. Raises Unreadable."""
    packed, _ = _parse(seal.open_bytes(sealed, about=f"profile:{record_id}").decode(errors=LONE))
    return unpack(record_id, packed)


def of_record(seal: Seal, record: Record, ids: Sequence[str] = ()) -> tuple[Marks, Profile | None]:
    """Return what a record leaves in the index, and an account's profile. `ids` as in of_person."""
    if record.kind != "account":
        return of_person(seal.hash, record, ids), None
    side = profile(record)
    return of_account(seal, side), side


_parse = json.JSONDecoder().raw_decode
_compact: Callable[[Any], str] = partial(json.dumps, separators=(",", ":"), ensure_ascii=False)


def _tag(hash_: Hash, text: str) -> int:
    return hash_(text) % _SOME + 1


def _own_domain(email: str) -> str:
    """Return the registrable domain of an address, unless anybody can have one there."""
    host = normalize.host(email.rpartition("@")[2])
    domain = normalize.domain(host) or host
    return "" if domain in normalize.FREE_MAIL else domain
