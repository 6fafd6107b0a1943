"""The accounts of the local CRMs: the real companies of ``companies.csv``, then invented ones without end in sight.

The real rows were written by hand from public facts. Phones are switchboard numbers in valid form and figures
are of the right order; they are not kept up to date and nothing may depend on a single one of them.
"""

from __future__ import annotations

import csv
import functools
import itertools
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .grammar import City, Country, Sector, calendar, coined, countries, place_names, spread
from .model import Company

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = Path(__file__).with_name("companies.csv")
MOST = 1_000_000
HEADS = 64
TYPES = ("Prospect", "Prospect", "Customer", "Customer", "Partner")
STREETS = {"": "{} Mill Road", "BR": "Rua das Palmeiras {}", "DE": "Lindenstraße {}", "FR": "{} rue des Tilleuls"}


@functools.cache
def load_companies() -> tuple[Company, ...]:
    """Return the real companies in file order; ValueError when a parent is not in the file."""
    with REAL.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    keys = {row["name"]: f"account-{number}" for number, row in enumerate(rows, start=1)}
    owners = Counter(row["domain"] for row in rows)
    owners.update(alt for row in rows for alt in row["alt_domains"].split(";") if alt)
    return tuple(_real(row, keys, shared=owners[row["domain"]] > 1) for row in rows)


def _real(row: dict[str, str], keys: dict[str, str], *, shared: bool) -> Company:
    parent = row["parent"] or None
    if parent and parent not in keys:
        message = f"companies.csv: the parent of {row['name']} is {parent}, which is not in the file; add it"
        raise ValueError(message)
    plain: dict[str, Any] = {
        name: row[name] for name in ("name", "domain", "phone", "street", "city", "state", "postal_code")
    }
    return Company(
        **plain,
        key=keys[row["name"]],
        country=row["country"],
        industry=row["industry"],
        type=row["type"],
        alt_domains=tuple(filter(None, row["alt_domains"].split(";"))),
        aliases=tuple(filter(None, row["aliases"].split(";"))),
        employees=int(row["employees"]) if row["employees"] else None,
        annual_revenue=int(row["annual_revenue"]) if row["annual_revenue"] else None,
        parent=parent,
        parent_key=keys[parent] if parent else None,
        shares_domain=shared,
    )


def accounts(count: int, *, seed: int = 7) -> Iterator[Company]:
    """Yield `count` companies, at most a million: the real ones first, then invented ones. Keeps no list of them."""
    if count > MOST:
        message = f"the grammar has names for {MOST:,} companies; ask for no more"
        raise ValueError(message)
    real = load_companies()
    yield from itertools.islice(real, count)
    yield from itertools.islice(_Inventor(seed, first_number=len(real) + 1).stream(), max(0, count - len(real)))


def strangers(seed: int) -> Iterator[Company]:
    """Yield companies that `accounts` never yields, for leads from companies that are not in the CRM."""
    return _Inventor(seed, first_number=1, stranger=True).stream()


class _Inventor:
    """One stream of invented companies."""

    def __init__(self, seed: int, *, first_number: int, stranger: bool = False) -> None:
        self._seed = seed
        # A stranger differs from an account in its coined word, so it is never a branch, a place or a surname.
        self._stranger = stranger
        self._chance = random.Random(f"accounts:{seed}:{stranger}").random
        self._numbers = itertools.count(first_number)
        self._words = coined(stranger=stranger)
        self._coined = itertools.count()
        self._people: Counter[str] = Counter()
        self._places = {} if stranger else {code: iter(place_names(c)) for code, c in countries().items()}
        self._heads: list[tuple[Company, str, str, str]] = []

    def stream(self) -> Iterator[Company]:
        """Yield companies until the names run out."""
        every = countries()
        for code in itertools.cycle(calendar()):
            yield self._next(every[code])

    def _next(self, country: Country) -> Company:
        kind = 1.0 if self._stranger else self._chance()
        if kind < 0.08 and len(self._heads) == HEADS:
            return self._branch(country)
        if kind < 0.11:
            place = next(self._places[country.code], None)
            if place is not None:
                return self._company(country, place.core, f"{place.stem}.example", place.sector, place.city)
        if kind < 0.33:
            person = self._person(country)
            if person is not None:
                return self._company(country, *person)
        return self._coin(country)

    def _coin(self, country: Country) -> Company:
        sectors = country.sectors
        number = spread(next(self._coined), self._words.size(len(sectors)), self._seed)
        number, index = divmod(number, len(sectors))
        word, sector = self._words.word(number), sectors[index]
        joint = "-" if number % 3 == 0 else ""
        stem = f"{word.lower()}{joint}{sector.label}"
        suffix = country.suffixes[int(self._chance() * len(country.suffixes))]
        core = f"{word} {sector.word}"
        company = self._company(country, core, stem + suffix, sector)
        self._keep((company, core, stem, suffix), number)
        return company

    def _keep(self, head: tuple[Company, str, str, str], number: int) -> None:
        """Remember a few companies that may get branches."""
        if len(self._heads) < HEADS:
            self._heads.append(head)
        elif number % 4 == 0:
            self._heads[number // 4 % HEADS] = head

    def _branch(self, country: Country) -> Company:
        """A branch in a city of the head's country, on its domain; or a sister abroad, on its own domain."""
        index = int(self._chance() * HEADS)
        head, core, stem, suffix = self._heads[index]
        abroad = country.code != head.country and country.suffixes[0] not in {suffix, ".com"}
        home = country if abroad else countries()[head.country]
        sector = next(s for s in home.sectors if s.industry == head.industry)
        if abroad:
            # Only one sister a head: the next one could get the same domain.
            made = self._company(home, core, stem + home.suffixes[0], sector)
            last = self._heads.pop()
            if index < len(self._heads):
                self._heads[index] = last
            return replace(made, parent=head.name, parent_key=head.key)
        made = self._company(home, core, head.domain, sector)
        return replace(
            made, name=f"{head.name} - {made.city}", parent=head.name, parent_key=head.key, shares_domain=True
        )

    def _person(self, country: Country) -> tuple[str, str, Sector, City] | None:
        names, sectors, cities = country.surnames, country.sectors, country.cities
        size = len(names) * (len(names) - 1) * len(sectors) * len(cities)
        serial = self._people[country.code]
        if serial >= size:
            return None
        self._people[country.code] += 1
        number, index = divmod(spread(serial, size, self._seed), len(sectors))
        number, place = divmod(number, len(cities))
        one, two = divmod(number, len(names) - 1)
        two += two >= one
        sector, city = sectors[index], cities[place]
        domain = f"{names[one][1]}-{names[two][1]}-{sector.label}-{city.label}.example"
        return f"{names[one][0]} & {names[two][0]} {sector.word}", domain, sector, city

    def _company(self, country: Country, core: str, domain: str, sector: Sector, city: City | None = None) -> Company:
        chance = self._chance
        city = city or country.cities[int(chance() * len(country.cities))]
        employees = int(10 ** (1 + chance() * 3.6))
        street = STREETS.get(country.code, STREETS[""])
        return Company(
            key=f"account-{next(self._numbers)}" if not self._stranger else f"stranger-{next(self._numbers)}",
            name=country.full_name(core, chance),
            domain=domain,
            phone=city.phone.fill(chance),
            street=street.format(int(chance() * 900) + 1),
            city=city.name,
            state=city.state,
            postal_code=city.postal.fill(chance),
            country=country.code,
            industry=sector.industry,
            type=TYPES[int(chance() * len(TYPES))],
            employees=employees,
            annual_revenue=employees * 140_000 if chance() < 0.6 else None,
            invented=True,
        )


def fields(company: Company) -> dict[str, Any]:
    """Return a company as plain values, in field order; for hashing and printing."""
    return {name: getattr(company, name) for name in Company.__slots__}
