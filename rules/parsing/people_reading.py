"""From YAML nodes to the people and the tests of a rule set, which its tests need and no lead is routed by."""

from __future__ import annotations

from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode

from rules.calendar import read_zone
from rules.limits import MOST_USERS
from rules.parsing.calendar_reading import CalendarReader
from rules.parsing.condition_reading import Reference
from rules.parsing.nodes import Fields
from rules.parsing.target_reading import TargetReader
from rules.parsing.yamltext import place
from rules.parts import DeclaredUser, Users

OF_PERSONS = ("absent", "hours", "calendar", "open leads")
"""What is said of people alone, and only to tests."""
USER_KEYS = ("user", "name", "language", "manager", "active", "zone", "queue", *OF_PERSONS)
MOST_OPEN_LEADS = 100_000
_USER_EXAMPLE = "Write it like - {user: ana@example.com, manager: cem@example.com}."
_EXPECT_EXAMPLE = "Add expect: {rule: Name, assignee: ana@example.com}."


@dataclass(frozen=True, slots=True)
class TrialText:
    """A test as it was written. `text` is its own YAML (one mapping), which begins in `line` of the record.

    The columns of `text` are those of the record: what a fault in its line 3 is about stands in line + 2, same column.
    """

    name: str
    text: str
    record: str
    line: int = 1
    column: int = 1


def own_text(text: str, node: MappingNode) -> str:
    """Return the text of a node alone, its first line pushed to the column where it stands."""
    return " " * node.start_mark.column + text[node.start_mark.index : node.end_mark.index].rstrip() + "\n"


class PeopleReader(CalendarReader, TargetReader):
    """Reads the users of a record."""

    def users(self, node: MappingNode) -> Users:
        """Return the people that an item declares."""
        fields = self.fields(node, ("users",))
        entries = self.entries(fields["users"][1], "users", MOST_USERS, "Declare those that the tests name.")
        return Users(tuple(user for user in map(self._user, entries) if user))

    def _user(self, node: Node) -> DeclaredUser | None:
        if isinstance(node, ScalarNode):
            mail = self.mail(node)
            return DeclaredUser(mail) if mail else None
        if not isinstance(node, MappingNode):
            self.fault(node, "This is not a user.", _USER_EXAMPLE)
            return None
        fields = self.fields(node, USER_KEYS)
        if "user" not in fields:
            self.fault(node, "The user has no address.", _USER_EXAMPLE)
            return None
        usual = DeclaredUser("")
        queue = self.flag(fields["queue"][1], "queue") if "queue" in fields else usual.queue
        at = fields["user"][1]
        if queue and (said := next((name for name in OF_PERSONS if name in fields), "")):
            self.fault(fields[said][0], f"A queue has no “{said}”.", "Say it of people.")
        return DeclaredUser(
            user=self.text(at, "The queue's name") if queue else self.mail(at),
            name=self.text(fields["name"][1], "The name") if "name" in fields else usual.name,
            active=self.flag(fields["active"][1], "active") if "active" in fields else usual.active,
            manager=self.mail(fields["manager"][1], "The manager") if "manager" in fields else usual.manager,
            language=self.text(fields["language"][1], "language") if "language" in fields else usual.language,
            zone=(self.heard(fields["zone"][1], "zone", read_zone) or "UTC") if "zone" in fields else usual.zone,
            queue=queue,
            absent=self.absences(fields["absent"][1], "absent") if "absent" in fields else usual.absent,
            hours=self.hours(fields["hours"][1]) if "hours" in fields else usual.hours,
            calendar=self._when(fields),
            open_leads=self.whole(fields["open leads"][1], "open leads", 0, MOST_OPEN_LEADS)
            if "open leads" in fields
            else usual.open_leads,
        )

    def _when(self, fields: Fields) -> str:
        """Return the name of the calendar that says when somebody works; the rule set must have it."""
        if "calendar" not in fields:
            return ""
        node = fields["calendar"][1]
        name = self.text(node, "The calendar's name")
        self.references += [Reference("calendar", name, *place(node))] if name else []
        return name


class TrialReader(PeopleReader):
    """Reads the tests of a record: that they are tests. What they say is read by who runs them."""

    def trial(self, node: MappingNode, text: str) -> TrialText:
        """Return the test that an item's mapping in this text describes."""
        fields = {str(key.value): value for key, value in node.value if isinstance(key, ScalarNode)}
        if not {"lead", "leads"} & fields.keys():
            self.fault(node, "The test sends no lead.", "Add lead: {email: j@bnp.example, country: France}.")
        if "expect" not in fields:
            self.fault(node, "The test expects nothing.", _EXPECT_EXAMPLE)
        elif not isinstance(fields["expect"], MappingNode) or not fields["expect"].value:
            self.fault(fields["expect"], "expect says nothing.", _EXPECT_EXAMPLE)
        name = self.text(fields["test"], "The test's name")
        return TrialText(name, own_text(text, node), self.record, *place(node))
