"""Fills a running sandbox: the team and the queues first, then accounts (parents before children), people and deals."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from .companies import accounts, load_companies
from .people import owner_key, queues, reps
from .relations import contacts, opportunities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .model import Company
    from .targets import Target

T = TypeVar("T")

BATCH = 2_000
# Invented parents come shortly before their branches, so their ids need not be kept for long.
REMEMBERED = 20_000
MOST_WITH_DEALS = 5_000


@dataclass(frozen=True)
class Plan:
    """How much to load. Only the first `accounts` companies get contacts and deals; `total` companies are loaded."""

    accounts: int
    total: int
    contacts: int = 2
    opportunities: int = 100
    seed: int = 7
    today: date = field(default_factory=date.today)


def fill(target: Target, plan: Plan, advance: Callable[[int], None] = lambda _count: None) -> dict[str, int]:
    """Load everything that `plan` says and return how many rows of each kind; calls `advance` with every step's rows.

    Raises LoadError when the sandbox refuses rows; what was loaded before stays.
    """
    return _Filling(target, plan, advance).run()


class _Filling:
    """One run: the ids that later rows point to, and the counts."""

    def __init__(self, target: Target, plan: Plan, advance: Callable[[int], None]) -> None:
        self._target = target
        self._plan = plan
        self._advance = advance
        self._counts: Counter[str] = Counter()
        self._owners: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._dealers: list[Company] = []

    def run(self) -> dict[str, int]:
        self._team()
        stream = accounts(self._plan.total, seed=self._plan.seed)
        # The real companies go in together, as some stand before their parents in the list.
        first = list(itertools.islice(stream, max(self._plan.accounts, len(load_companies()))))
        for generation in _parents_first(first):
            self._accounts(generation)
        self._relations(first[: self._plan.accounts])
        for batch in _batches(stream):
            for generation in _parents_first(batch):
                self._accounts(generation)
            self._forget()
        return dict(self._counts)

    def _team(self) -> None:
        team = reps()
        self._owners = dict(zip((rep.key for rep in team), self._target.reps(team), strict=True))
        desks = self._target.queues(queues(), self._owners)
        self._count("users", len(team))
        self._count("queues", len(desks))

    def _accounts(self, generation: Sequence[Company]) -> None:
        for batch in _batches(generation):
            owners = [self._owners[owner_key(company.key, company.country)] for company in batch]
            parents = [self._ids.get(company.parent_key or "") for company in batch]
            ids = self._target.accounts(batch, owners, parents)
            self._ids.update(zip((company.key for company in batch), ids, strict=True))
            self._count("accounts", len(ids))

    def _relations(self, companies: Sequence[Company]) -> None:
        for people in _batches(contacts(companies, self._plan.contacts, seed=self._plan.seed)):
            owners = [self._owners[who.owner_key] for who in people]
            places = [self._ids[who.company_key] for who in people]
            self._count("contacts", len(self._target.contacts(people, owners, places)))
        dealers = companies[:MOST_WITH_DEALS]
        wanted = opportunities(dealers, self._plan.opportunities, today=self._plan.today, seed=self._plan.seed)
        for deals in _batches(wanted):
            owners = [self._owners[deal.owner_key] for deal in deals]
            places = [self._ids[deal.company_key] for deal in deals]
            self._count("opportunities", len(self._target.opportunities(deals, owners, places)))

    def _forget(self) -> None:
        """Drop the oldest ids, so that a million accounts need little memory."""
        while len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]

    def _count(self, kind: str, rows: int) -> None:
        self._counts[kind] += rows
        self._advance(rows)


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    stream = iter(rows)
    while batch := list(itertools.islice(stream, BATCH)):
        yield batch


def _parents_first(companies: Iterable[Company]) -> Iterator[list[Company]]:
    """Sort companies into generations: each list's parents are in an earlier list, or not among `companies` at all."""
    waiting = list(companies)
    while waiting:
        keys = {company.key for company in waiting}
        ready = [company for company in waiting if company.parent_key not in keys]
        yield ready
        waiting = [company for company in waiting if company.parent_key in keys]
