"""What the speed of rules is measured on: a rule set with a territory, and leads; the same each time.

Countries, industries and sources are real; the people are not. Leads are spread over all of it, so that most rules are
asked before one holds, and all rows are within reach.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice, product

from rules.model import Record, Value

COUNTRIES = (
    "United States", "Germany", "France", "United Kingdom", "Spain", "Italy", "Brazil", "Mexico", "Poland", "Sweden",
    "Netherlands", "Switzerland", "Austria", "Belgium", "Portugal", "Denmark", "Norway", "Finland", "Japan", "India",
)  # fmt: skip
INDUSTRIES = (
    "Banking", "Insurance", "Manufacturing", "Retail", "Healthcare", "Software", "Energy", "Education", "Media",
    "Telecommunications", "Transportation", "Hospitality",
)  # fmt: skip
SOURCES = ("Web", "Trade Show", "Partner", "Referral", "Webinar", "Cold Call", "Advertisement", "Purchased List")
BANDS = ("1-50", "51-200", "201-1000", "1001-5000", "5001+")
SIZES = (7, 120, 640, 2_500, 18_000)
"""The middle of each band."""
PEOPLE = tuple(f"seller{number:03}@example.com" for number in range(120))
DESKS = tuple(f"Desk {number:02}" for number in range(12))
_CODES = 100_000
_GOLDEN = 0x9E3779B97F4A7C15
"""Multiplied by it, consecutive numbers differ in all their bits (Fibonacci hashing)."""
_EVER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def table(rows: int) -> str:
    """Return the CSV of a territory with so many rows: ranges of postal codes by country and size, and some wider rows.

    A tenth of the rows are a country and a band alone, or with an industry; the rest divide each country's codes.
    """
    narrow = rows - rows // 10
    cuts = max(1, -(-narrow // (len(COUNTRIES) * len(BANDS))))
    width = _CODES // cuts
    ranges = (f"{at * width:05}-{(at + 1) * width - 1:05}" for at in range(cuts))
    lines = (
        f"{country},{codes},{band},,{PEOPLE[number % len(PEOPLE)]}"
        for number, (codes, country, band) in enumerate(product(tuple(ranges), COUNTRIES, BANDS))
    )
    wide = (
        f"{country},,{band},{industry},{_desk(number)}"
        for number, (industry, country, band) in enumerate(product(("", *INDUSTRIES, *_more()), COUNTRIES, BANDS))
    )
    told = [*islice(lines, narrow), *islice(wide, rows - narrow)]
    return "\n".join(["country,postal_code,employees,industry,assign", *told, ""])


def _more() -> tuple[str, ...]:
    """Return industries beyond the usual ones, for tables of more than some ten thousand rows."""
    return tuple(f"{industry} {number}" for number, industry in product(range(2, 12), INDUSTRIES))


def _desk(number: int) -> str:
    return f'"pool ""{DESKS[number % len(DESKS)]}"""'


def rule_set(rules: int, rows: int) -> str:
    """Return a rule set's text: so many rules of four conditions each, pools, and a territory of `rows` rows.

    No two rules are alike. The last rule has no conditions and gives what is left to the territory.
    """
    items = [_rule(number) for number in range(rules - 1)]
    items.append('- rule: Everyone else\n  assign: territory "The world"\n  otherwise: pool "Desk 00"\n')
    items += [_pool(number) for number in range(len(DESKS))]
    indented = "".join(f"    {line}\n" for line in table(rows).splitlines())
    items.append(f'- territory: The world\n  rows: |\n{indented}  otherwise: pool "Desk 00"\n')
    return "\n".join(items)


def _rule(number: int) -> str:
    """Return a rule that one lead in some hundreds fulfils: country, size, industry and source all have a part."""
    country = COUNTRIES[number % len(COUNTRIES)]
    industry = INDUSTRIES[number // len(COUNTRIES) % len(INDUSTRIES)]
    sources = SOURCES[number % len(SOURCES)], SOURCES[(number + 1 + number // len(SOURCES)) % len(SOURCES)]
    least = (1, 51, 201, 1001, 5001)[number // 7 % 5] + number
    target = f'user "{PEOPLE[number % len(PEOPLE)]}"' if number % 3 else f'pool "{DESKS[number % len(DESKS)]}"'
    return (
        f"- rule: Rule {number:04}\n"
        "  when:\n"
        f"    - lead.country is {country}\n"
        f"    - lead.employees >= {least}\n"
        f"    - lead.industry is {industry}\n"
        f"    - lead.source in [{', '.join(sources)}]\n"
        f"  assign: {target}\n"
    )


def _pool(number: int) -> str:
    size = len(PEOPLE) // len(DESKS)
    members = PEOPLE[number * size : (number + 1) * size]
    lines = "".join(f"    - {{user: {each}, weight: {at % 3 + 1}}}\n" for at, each in enumerate(members))
    return f"- pool: {DESKS[number]}\n  members:\n{lines}"


def leads(count: int) -> list[Record]:
    """Return so many leads, spread over all countries, postal codes, bands, industries and sources."""
    return [_lead(number) for number in range(count)]


def _lead(number: int) -> Record:
    mixed = (number + 1) * _GOLDEN % (1 << 64)
    fields: dict[str, Value] = {
        "email": f"person{number}@company{number % 5_000}.example",
        "first_name": "Ana",
        "last_name": f"Lopez {number}",
        "company": f"Company {number % 5_000}",
        "country": COUNTRIES[(mixed >> 56) % len(COUNTRIES)],
        "postal_code": f"{(mixed >> 20) % _CODES:05}",
        "employees": SIZES[(mixed >> 50) % len(SIZES)] + number % 7,
        "industry": INDUSTRIES[(mixed >> 44) % len(INDUSTRIES)],
        "source": SOURCES[(mixed >> 38) % len(SOURCES)],
    }
    return Record("lead", f"L{number:07}", fields, owner_id=None, created_at=_EVER)
