"""SOQL: the grammar, and the tree that a query is read into."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from .errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Sequence

_GRAMMAR = r"""
query: "SELECT"i select "FROM"i NAME [NAME] [where] [group] [order] [limit] [offset]
?select: "COUNT"i "(" ")" -> count_all
       | item ("," item)* -> items
?item: path | call | "(" query ")" -> children
path: NAME ("." NAME)*
call: AGGREGATE "(" path ")" [NAME]
where: "WHERE"i condition
?condition: unit
          | unit ("OR"i unit)+ -> any_of
          | unit ("AND"i unit)+ -> all_of
?unit: "NOT"i unit -> negated
     | "(" condition ")"
     | comparison
comparison: path OPERATOR value -> compare
          | path "LIKE"i value -> like
          | path "IN"i list -> among
          | path "NOT"i "IN"i list -> not_among
          | path "IN"i "(" query ")" -> among_query
          | path "NOT"i "IN"i "(" query ")" -> not_among_query
list: "(" value ("," value)* ")"
value: STRING -> string
     | DATETIME -> datetime
     | DATE -> date
     | NUMBER -> number
     | LITERAL -> literal
     | "TRUE"i -> true
     | "FALSE"i -> false
     | "NULL"i -> null
group: "GROUP"i "BY"i path ("," path)*
order: "ORDER"i "BY"i ordering ("," ordering)*
ordering: path [DIRECTION] ["NULLS"i NULLS]
limit: "LIMIT"i INTEGER
offset: "OFFSET"i INTEGER

AGGREGATE.2: /(COUNT_DISTINCT|COUNT|MIN|MAX|SUM|AVG)(?=\s*\(\s*[A-Za-z])/i
DIRECTION: /ASC|DESC/i
NULLS: /FIRST|LAST/i
OPERATOR: "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">"
LITERAL.3: /(LAST_N_DAYS|NEXT_N_DAYS):\d+/i | /(TODAY|YESTERDAY|TOMORROW|LAST_WEEK|THIS_WEEK|LAST_MONTH|THIS_MONTH)\b/i
STRING: /'(\\.|[^'\\])*'/
DATETIME.3: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/
DATE.2: /\d{4}-\d\d-\d\d/
INTEGER: /\d+/
NUMBER.1: /[+-]?\d+(\.\d+)?/
NAME: /[A-Za-z][A-Za-z0-9_]*/i
%ignore /\s+/
"""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Path:
    """A field, perhaps through parents: ``("Owner", "Name")``."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Call:
    """An aggregate of a field."""

    function: str
    path: Path
    alias: str | None


@dataclass(frozen=True)
class Value:
    """A literal: `kind` is string, number, date, datetime, literal, boolean or null."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Comparison:
    """One comparison; `right` is a Value, a tuple of them, or a Query (for IN)."""

    path: Path
    operator: str
    right: Value | tuple[Value, ...] | Query


@dataclass(frozen=True)
class Junction:
    """Conditions joined by ``AND`` or ``OR``, or one under ``NOT``."""

    word: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Ordering:
    """One ORDER BY entry."""

    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A whole query; no `items` means ``COUNT()``, a Query among them asks for children of each record."""

    items: tuple[Path | Call | Query, ...]
    source: str
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Path, ...] = ()
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0


Condition = Comparison | Junction
Item = Path | Call | Query


def parse(text: str) -> Query:
    """Read a query; MALFORMED_QUERY when it is none."""
    try:
        return _read(text)
    except UnexpectedInput as error:
        place = f"Row:{getattr(error, 'line', 1)}:Column:{getattr(error, 'column', 1)}"
        shown = text[:80] + ("..." if len(text) > 80 else "")
        raise SalesforceError("MALFORMED_QUERY", f"\n{shown}\n^\nERROR at {place}\nunexpected token") from None


@lru_cache(maxsize=256)
def _read(text: str) -> Query:
    return _Tree().transform(_parser().parse(text))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, start="query", parser="lalr")


def _unescaped(text: str) -> str:
    out, escaped = [], False
    for char in text:
        if escaped:
            # \% and \_ stay escaped: LIKE needs to tell them from wildcards.
            out.append(_ESCAPES.get(char, f"\\{char}" if char in "%_" else char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            out.append(char)
    return "".join(out)


@v_args(inline=True)
class _Tree(Transformer[Token, Query]):
    """Turns lark's tree into ours, bottom up."""

    def query(self, select: tuple[Item, ...], source: Token, alias: Token | None, *rest: Any) -> Query:
        where, group, order, limit, offset = rest
        name = str(alias) if alias else None
        return Query(select, str(source), name, where, group or (), order or (), limit, offset or 0)

    def count_all(self) -> tuple[Item, ...]:
        return ()

    def items(self, *items: Item) -> tuple[Item, ...]:
        return items

    def children(self, query: Query) -> Query:
        return query

    def path(self, *names: Token) -> Path:
        return Path(tuple(str(name) for name in names))

    def call(self, function: Token, path: Path, alias: Token | None) -> Call:
        return Call(str(function).upper(), path, str(alias) if alias else None)

    def where(self, condition: Condition) -> Condition:
        return condition

    def any_of(self, *parts: Condition) -> Condition:
        return Junction("OR", parts)

    def all_of(self, *parts: Condition) -> Condition:
        return Junction("AND", parts)

    def negated(self, part: Condition) -> Condition:
        return Junction("NOT", (part,))

    def compare(self, path: Path, operator: Token, value: Value) -> Comparison:
        return Comparison(path, "!=" if operator == "<>" else str(operator), value)

    def like(self, path: Path, value: Value) -> Comparison:
        return Comparison(path, "LIKE", value)

    def among(self, path: Path, values: tuple[Value, ...]) -> Comparison:
        return Comparison(path, "IN", values)

    def not_among(self, path: Path, values: tuple[Value, ...]) -> Comparison:
        return Comparison(path, "NOT IN", values)

    def among_query(self, path: Path, query: Query) -> Comparison:
        return Comparison(path, "IN", query)

    def not_among_query(self, path: Path, query: Query) -> Comparison:
        return Comparison(path, "NOT IN", query)

    def list(self, *values: Value) -> tuple[Value, ...]:
        return values

    def string(self, token: Token) -> Value:
        return Value("string", _unescaped(str(token)[1:-1]))

    def datetime(self, token: Token) -> Value:
        return Value("datetime", str(token))

    def date(self, token: Token) -> Value:
        return Value("date", str(token))

    def number(self, token: Token) -> Value:
        return Value("number", float(token) if "." in token else int(token))

    def literal(self, token: Token) -> Value:
        return Value("literal", str(token).upper())

    def true(self) -> Value:
        return Value("boolean", value=True)

    def false(self) -> Value:
        return Value("boolean", value=False)

    def null(self) -> Value:
        return Value("null", None)

    def group(self, *paths: Path) -> Sequence[Path]:
        return paths

    def order(self, *orderings: Ordering) -> Sequence[Ordering]:
        return orderings

    def ordering(self, path: Path, direction: Token | None, nulls: Token | None) -> Ordering:
        return Ordering(path, str(direction).upper() == "DESC", str(nulls).upper() == "LAST")

    def limit(self, token: Token) -> int:
        return int(token)

    def offset(self, token: Token) -> int:
        return int(token)
