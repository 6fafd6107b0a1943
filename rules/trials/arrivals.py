"""From YAML nodes to the leads of a test, with what is known beside each when it is routed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.fields import canonical
from rules.limits import MOST_REPEATS
from rules.model import DuplicateStatus, Kind, MatchStatus
from rules.parsing.nodes import Fields, meant
from rules.trials.parts import Arrival, Known, KnownAccount, KnownPerson
from rules.trials.values import ValueReader, is_none

CIRCUMSTANCES: tuple[str, ...] = (
    "owner", "account", "duplicate", "contact", "opportunity", "previous", "neighbours", "refused", "received",
    "changed",
)  # fmt: skip
"""What may be known beside a lead, for the whole test or for one of its leads."""

_LEAD_EXAMPLE = "{email: j@bnp.example, country: France}"
_OF_ONE = ("at", *CIRCUMSTANCES)
_PARENT_OWNER = ("parent_owner", "parent owner")
_ACCOUNT_ONLY = frozenset({"confidence", "status", "parent", *_PARENT_OWNER})
_PERSON_ONLY = frozenset({"kind", "status"})
_MATCHES: Mapping[str, MatchStatus] = {"matched": "matched", "review": "review"}
_DUPLICATES: Mapping[str, DuplicateStatus] = {"same": "same", "unsure": "unsure"}
_PEOPLE: Mapping[str, Kind] = {"lead": "lead", "contact": "contact"}
_T = TypeVar("_T")


class ArrivalReader(ValueReader):
    """Reads the leads of one test."""

    def arrivals(self, node: MappingNode, fields: Fields) -> tuple[Arrival, ...]:
        """Return the leads of a test in order, as `fields` of its item `node` tell of them."""
        base = self._beside(Arrival(), fields)
        if ("lead" in fields) == ("leads" in fields):
            remedy = f"Write lead: {_LEAD_EXAMPLE}, or leads: with a list of them."
            told = "The test has both lead and leads." if "lead" in fields else "The test has no lead."
            self.fault(fields["leads"][0] if "leads" in fields else node, told, remedy)
            return ()
        times = self.whole(fields["repeat"][1], "repeat", 1, MOST_REPEATS) if "repeat" in fields else 1
        if "lead" in fields:
            return (replace(base, lead=self._lead(fields["lead"][1])),) * times
        entries = self.entries(fields["leads"][1], "leads", MOST_REPEATS, "Make several tests of it.")
        if times * len(entries) > MOST_REPEATS:
            self.fault(fields["repeat"][1], f"These are more than {MOST_REPEATS:,} leads.", "Repeat them less often.")
            times = 1
        if not entries:
            self.fault(fields["leads"][0], "The test has no lead.", f"Add at least one: - {_LEAD_EXAMPLE}.")
        found = tuple(self._entry(entry, base) for entry in entries)
        self._in_time(found, entries, times, fields)
        return found * times

    def _in_time(self, found: Sequence[Arrival], entries: Sequence[Node], times: int, fields: Fields) -> None:
        """Note a fault where a lead would come before an earlier one."""
        last = None
        for arrival, entry in zip(found, entries, strict=False):
            if arrival.at and last and arrival.at < last:
                self.fault(entry, "This lead comes before the one above it.", "Put the leads in the order of time.")
            last = arrival.at or last
        if last and times > 1:
            self.fault(fields["repeat"][0], "These leads have their own times.", "Repeat leads that have no at:.")

    def _entry(self, node: Node, base: Arrival) -> Arrival:
        """Return one of several leads: its fields, and beside them what is known of this one only."""
        pairs = self.pairs(node, "The lead", _LEAD_EXAMPLE)
        beside = [(key, value) for key, value in pairs if key.value in {*_OF_ONE, "lead"}]
        own: Fields = {str(key.value): (key, value) for key, value in beside if isinstance(key, ScalarNode)}
        at = self.moment(own["at"][1], "at") if "at" in own else None
        found = replace(self._beside(base, own), at=at)
        if "lead" not in own:
            return replace(found, lead=_named(self.known("lead", pairs, own)))
        for key, _ in pairs:
            if str(key.value) not in own:
                self.fault(key, f"“{key.value}” stands beside lead.", "Put the lead's fields into lead: {...}.")
        return replace(found, lead=self._lead(own["lead"][1]))

    def _lead(self, node: Node) -> Known:
        return _named(self.known("lead", self.pairs(node, "lead", _LEAD_EXAMPLE)))

    def _beside(self, base: Arrival, fields: Fields) -> Arrival:
        """Return an arrival with what these entries say is known beside the lead."""
        if {"duplicate", "contact"} <= fields.keys() and not is_none(fields["contact"][1]):
            self.fault(fields["contact"][0], "A contact is the duplicate.", "Keep one of contact and duplicate.")
        found = base
        for name in (each for each in CIRCUMSTANCES if each in fields):
            found = self._with(found, name, fields[name][1])
        if "opportunity" in fields and found.opportunity and not found.account:
            remedy = "Add account: {name: BNP}: rules see the open opportunity of the matched account."
            self.fault(fields["opportunity"][0], "There is an opportunity, but no account.", remedy)
        return found

    def _with(self, base: Arrival, name: str, node: Node) -> Arrival:
        if name == "owner":
            return replace(base, owner=self.person(node, "The owner"))
        if name == "account":
            return replace(base, account=None if is_none(node) else self._account(node))
        if name in {"duplicate", "contact"}:
            return replace(base, duplicate=None if is_none(node) else self._person(name, node))
        if name == "opportunity":
            told = None if is_none(node) else self.known("opportunity", self._told(node, name))
            return replace(base, opportunity=told)
        if name == "received":
            return replace(base, received=self.moment(node, "received"))
        if name == "changed":
            entries = node.value if isinstance(node, SequenceNode) else [node]
            named = [self.text(entry, "changed") for entry in entries]
            return replace(base, changed=tuple(_own(each) for each in named))
        people = self.persons(node, name)
        if name == "previous":
            return replace(base, previous=people)
        return replace(base, neighbours=people) if name == "neighbours" else replace(base, refused=people)

    def _told(self, node: Node, what: str) -> Sequence[tuple[Node, Node]]:
        return self.pairs(node, what, "{owner: ana@example.com}")

    def _account(self, node: Node) -> KnownAccount:
        pairs = self._told(node, "account")
        special = {str(key.value): value for key, value in pairs if key.value in _ACCOUNT_ONLY}
        sure = self._share(special["confidence"]) if "confidence" in special else 1.0
        status = self._one_of(special["status"], "status", _MATCHES) if "status" in special else None
        return KnownAccount(self.known("account", pairs, special), sure, status, self._parent(special))

    def _parent(self, special: Mapping[str, Node]) -> Known | None:
        """Return the parent account, of which often only the owner is told."""
        parent = special.get("parent")
        found = self.known("account", self._told(parent, "parent")) if parent else None
        for name in (each for each in _PARENT_OWNER if each in special):
            if found and found.owner:
                self.fault(special[name], "The parent has an owner already.", "Keep one of them.")
            found = replace(found or Known(), owner=self.person(special[name], "The owner"))
        return found

    def _share(self, node: Node) -> float:
        text = self.text(node, "confidence")
        try:
            found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            found = -1.0
        if text and not 0 < found <= 1:
            self.fault(node, "confidence must be above 0, and at most 1.", "Write 0.95 or 95%.")
        return found

    def _person(self, name: str, node: Node) -> KnownPerson:
        pairs = self._told(node, name)
        special = {str(key.value): value for key, value in pairs if key.value in _PERSON_ONLY}
        kind = self._one_of(special["kind"], "kind", _PEOPLE) if "kind" in special else _PEOPLE.get(name)
        status = self._one_of(special["status"], "status", _DUPLICATES) if "status" in special else None
        return KnownPerson(self.known(kind or "lead", pairs, special), kind or "lead", status or "same")

    def _one_of(self, node: Node, what: str, allowed: Mapping[str, _T]) -> _T | None:
        text = self.text(node, what)
        if text and text not in allowed:
            self.fault(node, f"“{text}” is no {what} here.", meant(text, list(allowed)))
        return allowed.get(text)


def _own(field: str) -> str:
    """Return our name of a field of the lead."""
    return canonical(f"lead.{field.removeprefix('lead.')}").removeprefix("lead.")


def _named(lead: Known) -> Known:
    """Return a lead whose whole name is also known as first and last name, as every CRM keeps it."""
    name = lead.fields.get("name")
    if not isinstance(name, str) or {"first_name", "last_name"} & lead.fields.keys():
        return lead
    first, _, last = name.strip().rpartition(" ")
    parts = {"first_name": first.strip(), "last_name": last}
    return replace(lead, fields={**lead.fields, **{key: part for key, part in parts.items() if part}})
