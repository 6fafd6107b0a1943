"""What a CRM lists page by page, and the rows that people read in it: rules, and lines of the permission check.

Part of the protocol of connector/crm.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rules.model import Record


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a scan: `after` continues it (None = the end), `total` is the CRM's count when it tells."""

    records: tuple[Record, ...]
    after: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class GonePage:
    """Part of a list of what was deleted: by the id of each record, the id of the one it was merged into ("" = none).

    `after` continues it (None = the end). A page may be empty and not the last.
    """

    ids: Mapping[str, str]
    after: str | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Part of all audit records, the oldest first: canonical name -> text (``key``, ``detail``, ...), and their ``id``.

    `after` continues it (None = the end). A page may be empty and not the last.
    """

    rows: tuple[Mapping[str, str], ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One Routing Rule record. `id` is None for a row to be created; `definition` is the YAML of one item.

    `standing` says of a pool what each member has received and was entitled to, `received` how many leads it gave away
    in all, `difference` by how many leads a member is ahead or behind at most (two digits). Only mark_standings writes
    them; without any, or where an older package lacks the fields, they are empty.
    """

    name: str
    kind: str
    position: int
    definition: str
    state: Literal["live", "draft"] = "live"
    error: str = ""
    version: str = ""
    id: str | None = None
    standing: str = ""
    received: int | None = None
    difference: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the permission check: what is needed, whether it is there, and where to click when it is not.

    `without` is what does not work while it is missing. An `optional` one may stay missing: the rest works.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    without: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A page of what was moved within the CRM: how many audits, and where to go on (None = all of it is moved)."""

    count: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Expired:
    """A page of snapshots of merges that expired: how many records went, and where to go on (None = the end)."""

    count: int
    after: str | None
