"""From YAML nodes to working time: hours, holidays, days that are closed, absences, calendars."""

from __future__ import annotations

from dataclasses import replace

from yaml.nodes import MappingNode, Node, ScalarNode

from rules.calendar import Hours, read_absence, read_holidays, read_hours, read_zone, with_holidays
from rules.limits import MOST_ABSENCES, MOST_CLOSED_DAYS
from rules.parsing.nodes import Fields, NodeReader
from rules.parts import Absence, Calendar
from rules.times.hours import normal

CALENDAR_KEYS = ("calendar", "hours", "zone", "holidays", "closed")
_MOST_LINES = 50
_MOST_HOLIDAYS = 20


class CalendarReader(NodeReader):
    """Reads the calendars of a record, and the working hours and absences of pools and members."""

    def calendar(self, node: MappingNode) -> Calendar | None:
        """Return the calendar that an item's mapping describes; None when it has faults."""
        fields = self.fields(node, CALENDAR_KEYS)
        before = len(self.faults)
        name = self.text(fields["calendar"][1], "The calendar's name")
        hours = self.hours(fields["hours"][1]) if "hours" in fields else None
        if "hours" not in fields:
            self.fault(node, "The calendar has no hours.", 'Add hours: "Mon-Fri 09:00-18:00 Europe/Paris", or 24/7.')
        if hours and "zone" in fields:
            hours = self._in_zone(hours, fields["zone"][1])
        if hours:
            hours = self._closed_too(hours, fields)
        return Calendar(name, hours) if hours and len(self.faults) == before else None

    def hours(self, node: Node) -> Hours | None:
        """Return working hours written on one line or in a list of them; None and a fault when they cannot be read."""
        entries = self.some(node, "hours", _MOST_LINES, "One line may hold several days and times.")
        found = [hours for hours in (self.heard(entry, "The hours", read_hours) for entry in entries) if hours]
        if not found or len(found) < len(entries):
            return None
        zones = list(dict.fromkeys(hours.zone for hours in found if hours.zone))
        if len(zones) > 1:
            remedy = "Make a calendar for each zone."
            self.fault(node, f"These hours are in two time zones, {zones[0]} and {zones[1]}.", remedy)
        spans = normal(span for hours in found for span in hours.spans)
        return replace(found[0], spans=spans, zone=zones[0] if zones else "")

    def _in_zone(self, hours: Hours, node: Node) -> Hours:
        """Return the hours in a zone that is said apart from them."""
        found = self.heard(node, "zone", read_zone)
        if found and hours.zone and hours.zone != found:
            self.fault(node, f"The hours are in {hours.zone}, and here stands {found}.", "Keep one of them.")
        return replace(hours, zone=found) if found else hours

    def _closed_too(self, hours: Hours, fields: Fields) -> Hours:
        closed = self.absences(fields["closed"][1], "closed", MOST_CLOSED_DAYS) if "closed" in fields else ()
        hours = with_holidays(hours, (), closed)
        if "holidays" not in fields:
            return hours
        codes = []
        for entry in self.some(fields["holidays"][1], "holidays", _MOST_HOLIDAYS, "Make a calendar for each country."):
            code = self.heard(entry, "The country", read_holidays)
            codes += [code] if code else []
        return with_holidays(hours, tuple(codes), closed)

    def absences(self, node: Node, what: str, most: int = MOST_ABSENCES) -> tuple[Absence, ...]:
        """Return days, or spans of days, in one text or a list: ``2026-12-24``, ``2026-12-24 to 2027-01-02``.

        A span may be ``{from: 2026-12-24, to: 2027-01-02}`` as well, and without ``to`` until further notice.
        """
        entries = self.some(node, what, most, "Delete those that are over.")
        found = (
            self._span(entry) if isinstance(entry, MappingNode) else self.heard(entry, what, read_absence)
            for entry in entries
        )
        return tuple(absence for absence in found if absence)

    def _span(self, node: MappingNode) -> Absence | None:
        fields = self.fields(node, ("from", "to"))
        if "from" not in fields:
            self.fault(node, "The absence does not say from when.", "Write {from: 2026-12-24, to: 2027-01-02}.")
            return None
        days = [self.heard(at, name, read_absence) for name, (_, at) in fields.items()]
        if not all(days):
            return None
        first, last = fields["from"][1].value, fields["to"][1].value if "to" in fields else ""
        begin = f"from {first}" if not last else f"{first} to {last}"
        return self.heard(ScalarNode(node.tag, begin, node.start_mark, node.end_mark), "absent", read_absence)
