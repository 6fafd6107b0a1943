"""Records that may be merged, as a CRM knows them: what a plan (rules/merging) is made from, and what became of them.

Part of the protocol of connector/crm.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.actions import Member
from rules.merging.abilities import Abilities
from rules.merging.facts import RecordFacts
from rules.model import Kind, Record


@dataclass(frozen=True, slots=True)
class Mergeable:
    """What the CRM says now of records that may be merged.

    `records` have all their fields, by our name where we have one and else by the API name; a member that is missing
    is gone. `facts` are by record id. `writable` are the fields (names as of `rules.merging.policy.own_name`) that can
    be written on records of a kind. `abilities` are the CRM's, with what it cannot do in this install just now.
    """

    records: Mapping[Member, Record]
    facts: Mapping[str, RecordFacts]
    writable: Mapping[Kind, frozenset[str]]
    abilities: Abilities


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the records of a merge, or of its undo.

    `now` says under which id each record lives by now (old id -> new id), for those whose id changed; `left` what could
    not be done or brought back, in plain words.
    """

    now: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()

    def text(self) -> str:
        """Return it as the `ref` of an effect."""
        return json.dumps({"now": dict(self.now), "left": list(self.left)}, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Taken:
        """Return what :meth:`text` wrote, nothing for an empty text. Raises ValueError for what somebody else wrote."""
        try:
            told = json.loads(text) if text else {}
            now, left = dict(told.get("now", {})), tuple(told.get("left", ()))
        except (AttributeError, TypeError, RecursionError):
            raise ValueError("not what became of records") from None
        if any(not isinstance(each, str) for each in (*now.values(), *left)):
            raise ValueError("not what became of records")
        return cls(now, left)
