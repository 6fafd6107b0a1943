"""Baseline: the account with the lead's very domain; with --names, or else the one with its very name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tests.bench.peers import fields, harness
from tests.bench.peers.harness import Answer, Match, Record

SURE, LIKELY = 1.0, 0.5
"""A domain comes before a name. No probabilities, only an order."""


def build(accounts: Sequence[Record], _labelled: Sequence[Record], *, names: bool) -> Match:
    """Return a look-up by domain, and by name when `names`; the first account with a key has it."""
    by_host = _first(accounts, fields.host)
    by_name = _first(accounts, _name) if names else {}

    def answer(lead: Record) -> Answer:
        found = by_host.get(fields.host(lead) or "")
        return (found, SURE) if found else (by_name.get(_name(lead) or ""), LIKELY)

    return lambda leads: [answer(lead) for lead in leads]


def _name(record: Record) -> str | None:
    return " ".join(fields.words(record.get("name") or record.get("company"))) or None


def _first(accounts: Sequence[Record], key: Callable[[Record], str | None]) -> dict[str, str]:
    # Read backwards, so that the first account of a key stays.
    return {found: account["id"] for account in reversed(accounts) if (found := key(account))}


if __name__ == "__main__":
    parser = harness.parser()
    parser.add_argument("--names", action="store_true")
    given = parser.parse_args()
    harness.run(partial(build, names=given.names), given)
