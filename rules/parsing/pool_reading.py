"""From YAML nodes to pools and their members."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import cast, get_args

from yaml.nodes import MappingNode, Node, ScalarNode

from rules.clauses import compare
from rules.limits import MOST_MEMBERS, MOST_SKILLS
from rules.parsing.calendar_reading import CalendarReader
from rules.parsing.condition_reading import Reference
from rules.parsing.nodes import meant
from rules.parsing.target_reading import TargetReader
from rules.parsing.yamltext import place
from rules.parts import Cap, Choice, Member, Pool, Window

POOL_KEYS = (
    "pool", "members", "by", "fit", "cap", "open leads", "hours", "calendar", "sticky", "never back", "hold",
    "overflow",
)  # fmt: skip
MEMBER_KEYS = (
    "user", "weight", "cap", "open leads", "hours", "calendar", "skills", "absent", "when", "paused",
)  # fmt: skip
CHOICES: tuple[Choice, ...] = get_args(Choice)
WINDOWS: tuple[Window, ...] = get_args(Window)
HIGHEST_WEIGHT = 1_000
HIGHEST_CAP = 100_000
HOLD = timedelta(days=3)
"""How long ``hold: true`` waits for somebody at work: over a weekend and a holiday."""
LONGEST_HOLD = timedelta(days=30)

CAP = re.compile(rf"(?P<count>\d{{1,6}})\s*(?:/|\s(?:per|an?)\s)\s*(?P<per>{'|'.join(WINDOWS)})")
_CAP_EXAMPLE = "Write it like 10 per day, with hour, day, week or month."
OTHER_WORDS: Mapping[str, Choice] = {
    "round robin": "turns", "rotation": "turns", "weighted": "turns", "weighted round robin": "turns", "turn": "turns",
    "weight": "turns", "in turn": "turns",
    "least open leads": "fewest open leads", "least open": "fewest open leads", "fewest open": "fewest open leads",
    "load balanced": "fewest open leads", "load balancing": "fewest open leads", "least loaded": "fewest open leads",
    "load": "fewest open leads", "capacity": "fewest open leads",
    "skills": "best fit", "skill": "best fit", "best match": "best fit", "skill based": "best fit",
    "skills based": "best fit",
}  # fmt: skip
"""What others call it."""


class PoolReader(CalendarReader, TargetReader):
    """Reads the pools of a record."""

    def pool(self, node: MappingNode) -> Pool:
        """Return the pool that an item's mapping describes."""
        fields = self.fields(node, POOL_KEYS)
        if "fit" in fields and "by" not in fields:
            self.fault(fields["fit"][0], "fit is for pools by best fit.", "Add by: best fit, or delete it.")
        return Pool(
            name=self.text(fields["pool"][1], "The pool's name"),
            members=self._members(node, fields.get("members")),
            overflow=self.targets(fields["overflow"][1], "overflow") if "overflow" in fields else (),
            by=self._choice(fields["by"][1]) if "by" in fields else "turns",
            fit=self.asked(fields["fit"][1], "fit") if "fit" in fields else (),
            caps=self._caps(fields["cap"][1]) if "cap" in fields else (),
            open_leads=self._open_leads(fields["open leads"][1]) if "open leads" in fields else None,
            hours=self.hours(fields["hours"][1]) if "hours" in fields else None,
            calendar=self._calendar(fields["calendar"][1]) if "calendar" in fields else "",
            sticky=self._sticky(fields["sticky"][1]) if "sticky" in fields else False,
            never_back=self.flag(fields["never back"][1], "never back") if "never back" in fields else False,
            hold=self._hold(fields["hold"][1]) if "hold" in fields else None,
        )

    def _members(self, node: MappingNode, at: tuple[ScalarNode, Node] | None) -> tuple[Member, ...]:
        if at is None:
            self.fault(node, "The pool has no members.", "Add members: with at least one - {user: e-mail}.")
            return ()
        before = len(self.faults)
        entries = self.entries(at[1], "members", MOST_MEMBERS, "Make several pools, one the overflow of the other.")
        if not entries and len(self.faults) == before:
            self.fault(at[0], "The pool has no members.", "Add at least one - {user: e-mail}.")
        members = tuple(self._member(entry) for entry in entries)
        counts = Counter(member.user for member in members)
        for user in (user for user, count in counts.items() if user and count > 1):
            self.fault(at[1], f"{user} is in this pool twice.", "Keep one entry and give it the weight.")
        return members

    def _member(self, node: Node) -> Member:
        if isinstance(node, ScalarNode):
            return Member(self.mail(node))
        if not isinstance(node, MappingNode):
            self.fault(node, "This is not a member.", "Write it like - {user: ana@example.com, weight: 2}.")
            return Member("")
        fields = self.fields(node, MEMBER_KEYS)
        if "user" not in fields:
            self.fault(node, "The member has no user.", "Write it like - {user: ana@example.com}.")
        double = "Write weight: 2 for a double share."
        return Member(
            user=self.mail(fields["user"][1]) if "user" in fields else "",
            weight=self.whole(fields["weight"][1], "The weight", 1, HIGHEST_WEIGHT, double)
            if "weight" in fields
            else 1,
            caps=self._caps(fields["cap"][1]) if "cap" in fields else (),
            open_leads=self._open_leads(fields["open leads"][1]) if "open leads" in fields else None,
            hours=self.hours(fields["hours"][1]) if "hours" in fields else None,
            calendar=self._calendar(fields["calendar"][1]) if "calendar" in fields else "",
            skills=self._skills(fields["skills"][1]) if "skills" in fields else (),
            absent=self.absences(fields["absent"][1], "absent") if "absent" in fields else (),
            when=self.conditions_within(fields["when"][1]) if "when" in fields else (),
            paused=self.flag(fields["paused"][1], "paused") if "paused" in fields else False,
        )

    def _caps(self, node: Node) -> tuple[Cap, ...]:
        """Return the caps of a text or a list, at most one for each window, the shortest first."""
        entries = self.some(node, "cap", len(WINDOWS), "There is one cap for each of hour, day, week and month.")
        found: dict[Window, Cap] = {}
        for entry in entries:
            cap = self._cap(entry)
            if cap and found.setdefault(cap.per, cap) is not cap:
                self.fault(entry, f"There is another cap per {cap.per}.", "Keep the lower one.")
        return tuple(sorted(found.values(), key=lambda cap: WINDOWS.index(cap.per)))

    def _cap(self, node: Node) -> Cap | None:
        text = self.text(node, "The cap")
        found = CAP.fullmatch(text.casefold())
        if not found:
            if text:
                self.fault(node, f"The cap “{text}” cannot be read.", _CAP_EXAMPLE)
            return None
        count = int(found["count"])
        if not 1 <= count <= HIGHEST_CAP:
            remedy = "Write paused: true for nothing at all, or leave the cap out."
            self.fault(node, f"A cap is a whole number from 1 to {HIGHEST_CAP}.", remedy)
        return Cap(count, cast("Window", found["per"]))

    def _open_leads(self, node: Node) -> int:
        return self.whole(node, "open leads", 1, HIGHEST_CAP, "Write paused: true for nothing at all.")

    def _calendar(self, node: Node) -> str:
        name = self.text(node, "The calendar's name")
        if name:
            self.references.append(Reference("calendar", name, *place(node)))
        return name

    def _skills(self, node: Node) -> tuple[str, ...]:
        entries = self.some(node, "skills", MOST_SKILLS, "Keep those that leads are told apart by.")
        skills = [self.text(entry, "A skill") for entry in entries]
        return tuple(dict.fromkeys(skill for skill in skills if skill))

    def _choice(self, node: Node) -> Choice:
        text = self.text(node, "by")
        plain = " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
        if plain in CHOICES:
            return plain
        if text and plain not in OTHER_WORDS:
            self.fault(node, f"“{text}” does not say how a pool chooses.", meant(plain, CHOICES))
        return OTHER_WORDS.get(plain, "turns")

    def _sticky(self, node: Node) -> bool:
        if isinstance(node, ScalarNode) and compare.folded(node.value) == "account":
            return True
        value = self.maybe_flag(node)
        if value is None:
            self.fault(node, "sticky must be account, true or false.", "Write sticky: account.")
        return bool(value)

    def _hold(self, node: Node) -> timedelta | None:
        value = self.maybe_flag(node)
        if value is not None:
            return HOLD if value else None
        found = self.duration(node, "How long a lead is held")
        if found and found > LONGEST_HOLD:
            self.fault(node, f"A lead is held at most {LONGEST_HOLD.days} days.", "Write a shorter time.")
        return found
