"""What the adapter asks of our own database: where a portal's rules and audits stand, and rules kept nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from connector.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from connector.rows import RuleRow

Kind: TypeAlias = Literal["app_objects", "custom_objects", "properties"]
KINDS: tuple[Kind, ...] = ("app_objects", "custom_objects", "properties")
"""Where rules and audits may stand, the best first."""
NOWHERE = "This portal has no custom objects, and Switchyard's own database was not opened to keep its rules"


class Standing(Protocol):
    """Where they stand (empty: not chosen yet), where they are being moved to (empty: nowhere), and why."""

    @property
    def kind(self) -> str:
        """One of KINDS, or empty."""
        ...

    @property
    def target(self) -> str:
        """One of KINDS, or empty."""
        ...

    @property
    def why(self) -> str:
        """A sentence for the check; empty when there is nothing to say."""
        ...


class Shelf(Protocol):
    """Implemented by connector.store.shelves; each call is one transaction."""

    def standing(self) -> Standing:
        """Return where rules and audits stand."""
        ...

    def choose(self, kind: str, *, why: str = "", target: str = "") -> None:
        """Note where they stand from now on, or where they are being moved to."""
        ...

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the rules kept here by position, then as they were made."""
        ...

    def put(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Make (id None) or rewrite rules; return their ids in order. Raises KeyError for an id that is not there."""
        ...

    def mark(self, rows: Sequence[RuleRow], names: Collection[str]) -> None:
        """Write only these fields of some rules; one that is gone is passed over."""
        ...

    def clear(self) -> None:
        """Delete the rules kept here."""
        ...


class _Nothing:
    """Nothing was chosen."""

    kind = target = why = ""


class NoShelf:
    """What the adapter has until it is given a shelf: nothing was chosen, and rules can stand in the CRM alone."""

    def standing(self) -> Standing:
        """Return that nothing was chosen."""
        return _Nothing()

    def choose(self, kind: str, *, why: str = "", target: str = "") -> None:
        """Choose nothing: where objects can be had is found out anew each time."""

    def rules(self) -> tuple[RuleRow, ...]:
        """Return none."""
        return ()

    def put(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Refuse."""
        _ = rows
        raise Refused(NOWHERE)

    def mark(self, rows: Sequence[RuleRow], names: Collection[str]) -> None:
        """There is none to mark."""

    def clear(self) -> None:
        """There is none to delete."""
