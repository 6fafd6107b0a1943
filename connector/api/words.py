"""What the document says of the API as a whole, and of the values in its addresses."""

from __future__ import annotations

from collections.abc import Mapping

ABOUT = """\
Everything that the console does, for programs.

A key belongs to one install, and the addresses below are about that install. Send it as
`Authorization: Bearer sy_...`; an administrator makes keys in the console, under Settings.

Moments are RFC 3339 with a zone, in UTC. Lists come in pages: `next` is the `cursor` of the next one. Every write takes
an `Idempotency-Key`; sent again within a day, it is answered as before and not done again. What cannot be done is told
as problem details (RFC 9457, `application/problem+json`)."""

PATH_VALUES: Mapping[str, tuple[str, str]] = {
    "decision": ("A decision's key.", "d1"),
    "edition": ("The number of an edition of the rules.", "3"),
    "key": ("An API key's id.", "0123456789abcdef"),
    "leave": ("The id of a leave.", "0123456789abcdef0123456789abcdef"),
    "lead": ("The id of a lead in the CRM.", "00Q000000000001AAA"),
    "simulation": ("The name of a simulation, with or without `simulation:`.", "ab12cd34"),
    "day": ("A day.", "2026-12-21"),
    "pair": ("The key of a pair of records.", "0123456789abcdef0123456789abcdef"),
    "run": ("The name of a run.", "match:unmatched"),
    "sheet": ("The name of a table of a report.", "outcomes"),
    "record": ("The id of a lead or contact in the CRM.", "00Q000000000001AAA"),
    "rule": ("The id of an item's record, draft or live.", "r1"),
    "person": ("The id of a user who can own leads, as the CRM has it.", "005000000000001AAA"),
}
"""For each name in an address: what it is, and an example."""
