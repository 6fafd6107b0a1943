"""The Crm protocol: what every CRM can do for us, in our words, in batches.

An adapter raises only the errors of :mod:`connector.errors` (for a whole call) and reports per record through
:class:`Effect`. It never sleeps and never retries: the retry policy stands in one place, ``jobs/policy.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from connector.acts import Acted, Deed, ResponseRow
from connector.erased import Left
from connector.fieldtable import FieldTable
from connector.merging import Mergeable
from connector.rows import AuditPage, Check, Expired, GonePage, Moved, Page, RuleRow
from connector.work import Effect, Made, Step, TaskNow, Unanswered, Work
from rules.actions import Member
from rules.model import Kind, Record, User, Value

CrmName: TypeAlias = Literal["salesforce", "hubspot"]
Routes: TypeAlias = Literal["contacts", "leads", "leads and contacts"]
"""What counts as a lead in a HubSpot portal: its contacts, its leads, or its leads, whose owner their contact gets too.

Salesforce has leads, and nothing to choose.
"""

OPEN_OPPORTUNITIES, LOST_OPPORTUNITIES, LAST_LOST = "open_opportunities", "lost_opportunities", "last_lost_at"
CONTACTS, LAST_ACTIVITY, OPPORTUNITY, PARENT_OWNER = "contacts", "last_activity_at", "opportunity", "parent_owner_id"
HISTORY = frozenset(
    {OPEN_OPPORTUNITIES, LOST_OPPORTUNITIES, LAST_LOST, CONTACTS, LAST_ACTIVITY, OPPORTUNITY, PARENT_OWNER}
)
"""What can be asked about accounts beside their own fields, see :meth:`Crm.account_history`."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the base URL it is good for (no trailing slash)."""

    access_token: str = field(repr=False)
    base_url: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a CRM says of its API calls: how many everybody has `used` in the last 24 hours, of how many in `total`."""

    used: int
    total: int


class TokenSource(Protocol):
    """Hands out the install's token; implemented by the vault, which refreshes under a lock per install."""

    def current(self) -> Token:
        """Return a token that is believed to be good. Raises Revoked when the CRM has withdrawn the grant."""
        ...

    def renew(self, stale: Token) -> Token:
        """Return a token newer than `stale`, refreshing once for all who ask. Raises Revoked or Later."""
        ...


class Memo(Protocol):
    """Remembers slow-changing answers of one install (schemas, users) over jobs and processes; kept sealed."""

    def get(self, name: str) -> Any | None:
        """Return what was put under `name` if it is still fresh (JSON values)."""
        ...

    def put(self, name: str, value: Any, *, seconds: float) -> None:
        """Keep `value` (JSON) for that long."""
        ...

    def forget(self, name: str) -> None:
        """Drop `name`, because the CRM has just contradicted it."""
        ...


class Crm(Protocol):
    """One install's CRM. Not shared between threads; `close` when done."""

    @property
    def name(self) -> CrmName:
        """Which CRM this is."""
        ...

    @property
    def can(self) -> frozenset[str]:
        """Capabilities as data.

        ``notify``, ``custom_objects``; ``leads``: leads say what their contacts say, see :meth:`leads_of`;
        ``rule_events``: an edit of a rule record is told by an event;
        ``replay``: a lost stretch of events can be asked for again; ``probe``: see :meth:`probe`; ``requests``: people
        can ask for something on a record; ``audits_anew``: an audit that may be there is written once more by
        its own step (elsewhere, by that of the action that is done late);
        ``move``: rules and audits are to be moved, see :meth:`move`;
        ``app_objects``, ``custom_objects`` or ``properties``: where they stand.
        """
        ...

    @property
    def steps(self) -> tuple[Step, ...]:
        """The stages in which a decision is performed, in order."""
        ...

    @property
    def calls(self) -> int:
        """How many CRM calls were made through this object."""
        ...

    @property
    def allowance(self) -> Allowance | None:
        """What the CRM last said of its daily calls; None while it has said nothing, or where it never does."""
        ...

    @property
    def breath(self) -> float:
        """Seconds to wait before the next round so that the CRM's rate limit is not hit; 0 while there is room."""
        ...

    def use_fields(self, names: Mapping[str, str]) -> None:
        """Read these names of ours (``lead.product``) from these fields from now on, instead of the usual ones.

        One that the connected user does not see, or whose type does not fit, is read from the usual field.
        """
        ...

    def fields(self, kind: Kind, names: Mapping[str, str]) -> FieldTable:
        """Return every name of a kind with the field behind it, were `names` the mapping, and all fields on offer.

        Asked anew each time: it is for people who look. A kind that the CRM does not have has neither.
        """
        ...

    def read(self, kind: Kind, ids: Sequence[str], *, extra: Collection[str] = ()) -> dict[str, Record]:
        """Read records now, in as few calls as the CRM allows; an id that is absent was deleted or merged away.

        `extra` names further fields by API name; one that the CRM lacks is left out. A lead or contact on which
        somebody asks for something has it as ``request``, and as ``request_by`` the id of who changed the record last.
        """
        ...

    def leads_of(self, contact_ids: Collection[str]) -> Mapping[str, Collection[str]]:
        """Return the leads that say what these contacts say, by contact id: they change with them.

        Only a CRM with ``leads`` has such leads; it is not asked otherwise. A few calls for all. Raises Later, Revoked.
        """
        ...

    def account_history(self, ids: Collection[str], *, wanted: frozenset[str]) -> Mapping[str, Mapping[str, Value]]:
        """Return what the CRM knows about accounts beside their own fields, by account id, in as few calls as can be.

        `wanted` names what is asked (of HISTORY): ``open_opportunities`` and ``contacts`` are numbers;
        ``lost_opportunities`` is the number of those that are closed and not won, ``last_lost_at`` the latest close
        date of these (an aware time, None when there is none);
        ``last_activity_at`` is an aware time, None when nothing has happened yet; ``opportunity`` is the open one
        with the earliest close date, as ``opportunity.id``, ``.name``, ``.stage`` (the CRM's API value), ``.amount``
        (in its own currency), ``.close_date`` (an aware time) and ``.owner_id``: no keys when none is open, and none
        for an empty field; ``parent_owner_id`` is the id of who owns the parent account, no key without a parent. What
        the connected user may not see is left out, and so is an account that is gone. Asking for nothing makes no call.
        """
        ...

    def acted(self, leads: Mapping[str, Deed]) -> Mapping[str, Acted]:
        """Return what was done with leads since our decisions, and when, by lead id; no entry: nothing.

        Of several acts the weightiest is told, with the time of the first by which somebody worked on the lead. What we
        write ourselves is none: our stamp, our open tasks, the owner and status of the Deed. A few calls for 200 leads.
        What counts in each CRM, and how exactly it tells the time, stands in docs/rules.md.
        """
        ...

    def open_leads(self, user_ids: Collection[str]) -> Mapping[str, int]:
        """Return how many leads each user owns that are neither converted nor given up, as far as the CRM tells.

        A user without any has 0. Whoever is left out was not asked for, because the CRM's rate limit allows no more at
        once: ask for the rest again. At least one is answered, the first ones first; ids that cannot be a user's never
        are. The counts may be some seconds old: remember them rather than ask for every lead.
        """
        ...

    def tasks_now(self, made: Sequence[Made]) -> Mapping[str, TaskNow]:
        """Return what became of the tasks of some decisions, by decision key, in as few calls as can be.

        A decision of which no task can be found is told as ``gone``.
        """
        ...

    def scan(
        self, kind: Kind, *, after: str | None = None, since: datetime | None = None, extra: Collection[str] = ()
    ) -> Page:
        """Return one page of all records of `kind` (modified at or after `since`), oldest change or id first."""
        ...

    def gone(self, kind: Kind, *, since: datetime, after: str | None = None) -> GonePage:
        """Return one page of the records of `kind` that were deleted or merged away at or after `since`.

        Only as far as the CRM keeps them: what it has purged is told by nobody, and HubSpot keeps no merged ones. What
        was restored since may be among them: the record, read again, is the truth.
        """
        ...

    def count(self, kind: Kind) -> int | None:
        """Return how many records of `kind` there are now, all that a scan would find; None when it is not told now."""
        ...

    def users(self) -> tuple[User, ...]:
        """Return everyone who can own a lead, queues and inactive users included."""
        ...

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the Routing Rule records by position, then id."""
        ...

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create (id None) or update rule records in one batch; return their ids in order."""
        ...

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only `error` and `version` of these records: what people edited meanwhile stays as they left it."""
        ...

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only `standing`, `received` and `difference` of these records, in as few calls as can be.

        Raises Refused when an older package has no fields for them; after `prepare` a CRM that can make them has.
        """
        ...

    def mark_responses(self, rows: Sequence[ResponseRow]) -> Mapping[str, str]:
        """Write only what came of waiting for an answer into these audit records, in as few calls as can be.

        Safe to repeat; records that are gone are passed over. Returns what was refused, by decision key, with the CRM's
        words: that will never work. Raises Refused when an older package has no fields for it.
        """
        ...

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Perform one step for up to its batch of decisions: one Effect per pending action of that step."""
        ...

    def refuse_requests(self, kind: Kind, refused: Mapping[str, str]) -> list[Unanswered]:
        """Empty the requests of records and write why nothing was done, by record id; return those it did not take.

        A few calls for all; safe to repeat. Only a CRM that can have ``requests`` is asked. Raises Later or Revoked.
        """
        ...

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audit rows of a lead, newest first, as canonical name -> text (``key``, ``story``, ...)."""
        ...

    def audit_page(self, after: str | None = None) -> AuditPage:
        """Return one page of all audit records, as they were made: all that is remembered when our database is lost."""
        ...

    def forget(self, left: Left) -> None:
        """Delete, or empty, what we wrote about people who must be forgotten; what is gone already is passed over.

        Safe to repeat. Raises Later, Revoked, or Refused when something may not be deleted.
        """
        ...

    def expire(self, *, before: datetime, but: Collection[str], after: str | None = None) -> Expired:
        """Empty and delete the next page of the snapshots of merges that were taken before that.

        Those of the decisions `but` (keys) stay. A few calls for 200 records; safe to repeat from any page. Raises
        Later, Revoked, or Refused when they may not be deleted.
        """
        ...

    def mergeable(self, members: Collection[Member]) -> Mergeable:
        """Read records that may be merged, with all their fields and what else the plan of a merge asks.

        A few calls for 200 records. Raises Later or Revoked.
        """
        ...

    def check(self) -> tuple[Check, ...]:
        """Test every permission and setting the product needs."""
        ...

    def probe(self, *, watch: bool = False) -> tuple[Check, ...]:
        """Find out whether events arrive: write something harmless of our own and wait for its event.

        Takes PROBE_SECONDS at most; with `watch` all of them, in which people may change records, whose events are
        waited for as well. Only a CRM that can ``probe`` is asked. Raises Later, Revoked or Refused.
        """
        ...

    def prepare(self) -> None:
        """Make sure that the rule and audit objects and our fields exist; safe to repeat."""
        ...

    def move(self, after: str | None) -> Moved:
        """Move the next page of audits to the better place that :meth:`prepare` found, and with the last one the rules.

        Only a CRM that can ``move`` is asked; safe to repeat from any page, and once all is moved. Until the last page
        the old place is in use.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...
