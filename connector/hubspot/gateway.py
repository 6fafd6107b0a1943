"""HubSpot as a Crm: the protocol's verbs, each handed to the module that knows how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from connector.crm import CrmName
from connector.errors import Ignored, Refused
from connector.fieldtable import FieldTable
from connector.hubspot import (
    acts,
    checks,
    erasing,
    expiring,
    history,
    leads,
    mapping,
    mergeable,
    reading,
    storage,
    tasks,
    timeline,
    undoing,
)
from connector.hubspot.client import HubSpotClient
from connector.hubspot.fields import LEAD, OBJECT_TYPES
from connector.hubspot.routed import routed
from connector.hubspot.shelf import NoShelf
from connector.hubspot.steps import AUDIT, MERGING, STEPS, pending, perform, perform_merging
from connector.rows import Expired, GonePage, Moved, Page
from rules.field_names import NO_NAMES, of_scope
from rules.model import User

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from connector.acts import Acted, Deed, ResponseRow
    from connector.crm import Allowance, Memo, Routes, TokenSource
    from connector.erased import Left
    from connector.hubspot.budget import Budget
    from connector.hubspot.shelf import Shelf
    from connector.hubspot.storage import Storage
    from connector.merging import Mergeable
    from connector.rows import AuditPage, Check, RuleRow
    from connector.settings import Settings
    from connector.work import Effect, Made, TaskNow, Unanswered, Work
    from rules.actions import Member
    from rules.model import Kind, Record, Value

_USERS = "hubspot.users.3"

FoundT = TypeVar("FoundT")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class HubSpotCrm:
    """One portal. `scopes` are those of the token: they tell what the portal's subscription allows."""

    name: CrmName = "hubspot"
    steps = STEPS

    def __init__(
        self,
        tokens: TokenSource,
        *,
        settings: Settings,
        memo: Memo,
        portal_id: str,
        scopes: frozenset[str],
        clock: Callable[[], datetime] = _utc_now,
        budget: Budget | None = None,
        routes: Routes = "contacts",
    ) -> None:
        self._client = HubSpotClient(
            tokens,
            connect_timeout=settings.crm_connect_timeout,
            read_timeout=settings.crm_read_timeout,
            budget=budget,
        )
        self._settings = settings
        self._memo = memo
        self._portal_id = portal_id
        self._scopes = scopes
        self._clock = clock
        self._names: Mapping[str, str] = NO_NAMES
        self._shelf: Shelf = NoShelf()
        self._routed = routed(routes, scopes)

    @property
    def can(self) -> frozenset[str]:
        """``notify`` always (by task reminder); ``rule_events`` never: HubSpot pushes no custom object's changes.

        Where rules and audits stand is told as well, and ``move`` while they are to be moved to a better place.
        """
        standing = self._shelf.standing()
        found = {"notify", "audits_anew", self._portal.kind_as(standing.kind)}
        if standing.target:
            found.add("move")
        if self._routed.object_type == LEAD:
            found.add("leads")
        return frozenset(found)

    @property
    def calls(self) -> int:
        """How many HTTP calls were made."""
        return self._client.calls

    @property
    def allowance(self) -> Allowance | None:
        """None: HubSpot tells apps that were installed by OAuth nothing of their daily calls."""
        return None

    @property
    def breath(self) -> float:
        """Seconds to wait before the next round so that 110 calls in ten seconds are not exceeded."""
        return self._client.breath

    def use_shelf(self, shelf: Shelf) -> None:
        """Keep in mind there where rules and audits stand, and keep there the rules that no object can hold."""
        self._shelf = shelf

    @property
    def _portal(self) -> storage.Portal:
        """What the storage is found with."""
        app_id, lead_type = self._settings.hubspot_app_id, self._routed.object_type
        return storage.Portal(self._client, self._memo, self._shelf, self._scopes, app_id, lead_type)

    def use_fields(self, names: Mapping[str, str]) -> None:
        """Read these names from these properties from now on; one that the portal lacks is read from the usual one."""
        self._names = names

    def fields(self, kind: Kind, names: Mapping[str, str]) -> FieldTable:
        """Ask for all properties of a kind, and say which would stand behind each name with this mapping."""
        if kind not in OBJECT_TYPES:
            return FieldTable(kind, kind.capitalize())
        if kind == "lead":
            return mapping.table(kind, self._routed.definitions(self._client), names)
        return mapping.table(kind, self._client.properties(OBJECT_TYPES[kind]).get("results") or (), names)

    def read(self, kind: Kind, ids: Sequence[str], *, extra: Collection[str] = ()) -> dict[str, Record]:
        """Read records by id, a hundred a call; kinds that HubSpot does not have are empty."""
        return reading.read(self._client, self._wanted(kind, extra), ids) if kind in OBJECT_TYPES else {}

    def leads_of(self, contact_ids: Collection[str]) -> dict[str, list[str]]:
        """Ask for the leads of contacts, a thousand a call, where leads are routed."""
        return leads.of_contacts(self._client, contact_ids) if "leads" in self.can else {}

    def account_history(self, ids: Collection[str], *, wanted: frozenset[str]) -> dict[str, dict[str, Value]]:
        """Ask what the portal knows about companies, a hundred a call; the open deal takes two calls and more."""
        return history.account_history(self._client, ids, wanted, self._scopes)

    def acted(self, leads: Mapping[str, Deed]) -> dict[str, Acted]:
        """Ask what was done with leads, a hundred in two calls; see connector/hubspot/acts.py."""
        return acts.acted(self._client, leads, self._routed.states(self._client, leads))

    def open_leads(self, user_ids: Collection[str]) -> dict[str, int]:
        """Count the open leads of the first four owners, one search each; ask again for the others."""
        return acts.open_leads(self._client, user_ids, self._routed.object_type, self._routed.open_of)

    def tasks_now(self, made: Sequence[Made]) -> dict[str, TaskNow]:
        """Ask what became of our tasks, a hundred a call; see connector/hubspot/undoing.py."""
        return undoing.tasks_now(self._client, made, self._routed.anchor)

    def scan(
        self, kind: Kind, *, after: str | None = None, since: datetime | None = None, extra: Collection[str] = ()
    ) -> Page:
        """Return one page by id: 100 records of all, or 200 of those modified at or after `since`."""
        if kind not in OBJECT_TYPES:
            return Page((), None, 0)
        wanted = self._wanted(kind, extra)
        if since is not None:
            return reading.scan_since(self._client, wanted, after, since)
        return reading.scan(self._client, wanted, after)

    def gone(self, kind: Kind, *, since: datetime, after: str | None = None) -> GonePage:
        """Return part of the archived records, by id; a page holds only those archived since, perhaps none."""
        if kind not in OBJECT_TYPES:
            return GonePage({}, None)
        return reading.gone(self._client, self._wanted(kind).object_type, after, since)

    def count(self, kind: Kind) -> int | None:
        """Ask search, which is seconds behind; None when it is too busy."""
        return reading.total(self._client, self._wanted(kind).object_type) if kind in OBJECT_TYPES else 0

    def users(self) -> tuple[User, ...]:
        """Return all owners, remembered for DIRECTORY_SECONDS."""
        known = self._memo.get(_USERS)
        if known is None:
            known = [
                {
                    "id": user.id,
                    "name": user.name,
                    "email": user.email,
                    "active": user.active,
                    "queue": user.queue,
                    "zone": user.zone,
                    "login_id": user.login_id,
                }
                for user in reading.users(self._client)
            ]
            self._memo.put(_USERS, known, seconds=self._settings.directory_seconds)
        return tuple(User(**user) for user in known)

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the rules by position, then id, wherever they stand."""
        return self._stored(lambda where: where.rules())

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or update rules; return their ids in order. Raises Refused when one is refused."""
        return self._stored(lambda where: where.put_rules(rows))

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version of these rules. Raises Refused when one is refused."""
        self._stored(lambda where: where.mark_rules(rows))

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received. Raises Refused where the properties are missing."""
        self._stored(lambda where: where.mark_standings(rows))

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write only what came of waiting for an answer, into the audits and on contacts."""
        return self._stored(lambda where: storage.mark_responses(self._portal, where, rows))

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Perform one step: one Effect per pending action of it. Raises when the call as a whole failed."""
        work = pending(step, work)
        if not work:
            return []
        if step == AUDIT.name:
            return self._audit(work)
        if any(step == each.name for each in MERGING):
            return self._stored(lambda where: perform_merging(self._portal, where, self._names, step, work))
        clockwork = tasks.Clockwork(self._clock(), timedelta(minutes=self._settings.task_due_minutes))
        return perform(self._portal, self._routed, clockwork, step, work)

    def _audit(self, work: Sequence[Work]) -> list[Effect]:
        """Write the audits, wherever they stand, and tell of them on timelines where that is switched on."""
        found = self._stored(lambda where: storage.audit(self._portal, where, work))
        if any(effect.detail for effect in found):
            storage.forget(self._memo)  # what was refused may have been the ids that we remember
        if self._settings.hubspot_app_events:
            timeline.tell(self._portal, work, found, self.users)
        return found

    def refuse_requests(self, kind: Kind, refused: Mapping[str, str]) -> list[Unanswered]:
        """Nothing can be asked for on a record in HubSpot."""
        _ = kind, refused
        return []

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return a lead's audits, newest first."""
        return self._stored(lambda where: where.audits(lead_id))

    def audit_page(self, after: str | None = None) -> AuditPage:
        """Return some of all audits (among a hundred records, where they are notes)."""
        return self._stored(lambda where: storage.audit_page(where, after))

    def forget(self, left: Left) -> None:
        """Empty and delete our tasks and audits about people whose contacts HubSpot has erased."""
        erasing.tasks(self._client, left.tasks)
        erasing.mentions(self._client, left.told, left.leads)
        self._stored(lambda where: storage.forget_people(self._portal, where, left))

    def expire(self, *, before: datetime, but: Collection[str], after: str | None = None) -> Expired:
        """Empty and delete up to 200 old parts of snapshots, wherever they stand; see connector/hubspot/expiring.py."""
        wanted = expiring.Old(before, frozenset(but), after)
        return self._stored(lambda where: storage.expire(self._portal, where, wanted))

    def mergeable(self, members: Collection[Member]) -> Mergeable:
        """Read contacts and companies that may be merged, with every property; see connector/hubspot/mergeable.py."""
        return mergeable.mergeable(
            self._client,
            members,
            lead_type=self._routed.object_type,
            names=self._names,
            scopes=self._scopes,
            users=self.users,
            read=self.read,
        )

    def check(self) -> tuple[Check, ...]:
        """Test every permission and setting the product needs (about ten calls)."""
        found = checks.check(self._portal, portal_id=self._portal_id)
        told = timeline.check(self._memo) if self._settings.hubspot_app_events else ()
        return (*found, *told, *self._routed.check(self._client))

    def probe(self, *, watch: bool = False) -> tuple[Check, ...]:
        """HubSpot's webhooks come to the web process alone: nothing can be waited for here."""
        _ = watch
        return ()

    def prepare(self) -> None:
        """Make our properties and objects, and choose where rules and audits stand (storage.py)."""
        storage.prepare(self._portal)

    def move(self, after: str | None) -> Moved:
        """Move the next page of audits to the better place, and with the last one the rules."""
        return storage.move(self._portal, after)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _wanted(self, kind: Kind, extra: Collection[str] = ()) -> reading.Wanted:
        """Say how a kind is read here."""
        mapped = of_scope(self._names, kind)
        return self._routed.wanted(extra, mapped) if kind == "lead" else reading.plain(kind, extra, mapped)

    def _stored(self, use: Callable[[Storage], FoundT]) -> FoundT:
        """Use the storage as remembered; when HubSpot refuses it, look whether the objects were made anew."""
        where = storage.current(self._portal)
        try:
            return use(where)
        except (Refused, Ignored) as error:
            storage.forget(self._memo)
            found = storage.current(self._portal)
            if found == where:
                raise Refused(str(error)) from None
        return use(found)
