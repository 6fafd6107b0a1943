"""What a decision asked for of all that was known: kept with it, so that it can be made again from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from rules.model import Basis, Turn, Workload

__all__ = ["Asked", "Watched"]

_T = TypeVar("_T")


class Watched(Mapping[str, _T]):
    """A mapping that remembers which of its keys were asked for."""

    __slots__ = ("_asked", "_whole")

    def __init__(self, whole: Mapping[str, _T]) -> None:
        self._whole = whole
        self._asked: set[str] = set()

    def __getitem__(self, key: str) -> _T:
        """Return what stands under the key."""
        self._asked.add(key)
        return self._whole[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under the key, else the default; quicker than by way of an error."""
        self._asked.add(key)
        return self._whole.get(key, default)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a key."""
        self._asked.add(str(key))
        return key in self._whole

    def __iter__(self) -> Iterator[str]:
        """Yield every key; then all of it was asked for."""
        self._asked.update(self._whole)
        return iter(self._whole)

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._whole)

    def told(self) -> dict[str, _T]:
        """Return what was asked for and is there, by key in order."""
        return {key: self._whole[key] for key in sorted(self._asked) if key in self._whole}


class Asked:
    """The basis of a decision while it is made."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self.rotation = Watched(basis.rotation)
        self.open_leads = Watched(basis.work.open_leads)
        self.paused = Watched(basis.work.paused)
        self.work = Workload(self.open_leads, self.paused)

    def told(self, turn: Turn | None) -> Basis:
        """Return the basis with what was asked for; the lane of the turn stands in the turn."""
        lanes = self.rotation.told()
        if turn:
            lanes.pop(turn.pool, None)
        work = Workload(self.open_leads.told(), self.paused.told())
        return replace(self._basis, work=work, rotation=lanes)
