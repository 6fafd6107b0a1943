"""Preview: what would become of a lead, by the live rules or a draft, now or at another time. Nothing is written.

It looks where a drain looks (the index, the rotation, what people said of matches, the CRM) and decides through the
same door, but by way of :class:`Looking`, which has no transaction to write in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cattrs import Converter
from sqlalchemy import Connection

from connector.crm import PARENT_OWNER, Crm, Memo
from connector.index import Index
from connector.store import assignments, decisions, pauses, rotation, rulesets, tellings
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.seal import Seal
from jobs import accounts, reviews
from jobs.accounts import Found
from jobs.past import account_hash
from jobs.rulebook import DIRECTORY
from jobs.tools import Tools
from rules import assembly, dedupe
from rules import decide as door
from rules.audit import detail
from rules.decide import Reviews, Scene
from rules.explain import story
from rules.match import choose
from rules.model import (
    NO_WORKLOAD,
    Basis,
    Decision,
    Match,
    Past,
    Record,
    RuleTrace,
    Standing,
    User,
    Verdict,
    Workload,
)
from rules.ruleset import RuleSet, load

FORGOTTEN = "?"
"""Stands for an assignee that we no longer know; equal to no id."""
TOLD = 3
"""Rules passed over just before the winner that are told with what they lacked."""
ASKED = 5
"""How often a CRM is asked for the rest of the open leads."""

_users = Converter()


class PassingMemo:
    """A memo that reads what another one has kept, and keeps what is new only for itself; implements crm.Memo."""

    def __init__(self, kept: Memo) -> None:
        self._kept = kept
        self._own: dict[str, Any] = {}

    def get(self, name: str) -> Any | None:
        """Return what was put here, else what was kept before."""
        return self._own[name] if name in self._own else self._kept.get(name)

    def put(self, name: str, value: Any, *, seconds: float) -> None:
        """Keep it as long as this object lives."""
        _ = seconds
        self._own[name] = value

    def forget(self, name: str) -> None:
        """Answer with nothing from now on; what was kept before stays for others."""
        self._own[name] = None


@dataclass(frozen=True)
class Looking:
    """One install and its CRM, to be looked at: there is no way to write through this."""

    tools: Tools
    install: Install
    crm: Crm
    seal: Seal

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a reading transaction."""
        with self.tools.database.read() as connection:
            yield connection

    def live(self) -> RuleSet:
        """Return the rules in force; empty ones before the first. Raises RuleSetError."""
        with self.read() as connection:
            found = rulesets.get(connection, self.install.id, self.seal)
        return load(found.sources if found else ())

    def users(self) -> dict[str, User]:
        """Return everybody who can own a lead, by id: from the memo while it is fresh, else from the CRM."""
        known = StoredMemo(self.tools.database, self.install.id, self.seal, self.tools.clock).get(DIRECTORY)
        people = self.crm.users() if known is None else _users.structure(known, tuple[User, ...])
        return {user.id: user for user in people}

    def scene(self, ruleset: RuleSet) -> Scene:
        """Return the scene of a rule set, in the install's mode, with what it has chosen."""
        with self.read() as connection:
            chosen = tellings.of(connection, self.install.id)
        return Scene(ruleset, self.users(), self.install.mode, chosen)


@dataclass(frozen=True, slots=True)
class Needed:
    """A rule that was passed over: the condition that failed, and the value that was found."""

    rule: str
    condition: str
    found: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a lead. `needed` are the rules passed over just before the winner, the nearest first."""

    decision: Decision
    needed: tuple[Needed, ...]
    users: Mapping[str, User]

    def story(self) -> str:
        """Return the whole decision in words."""
        return story(self.decision, self.users)


def preview(
    look: Looking, lead: Record, *, ruleset: RuleSet | None = None, at: datetime | None = None, again: bool = False
) -> Preview:
    """Decide about a lead, as it came at `at` (default: now), by these rules (default: those in force).

    `again`: as an update of the lead, after what was decided about it; else as if it came for the first time. Raises
    RuleSetError, and the errors of the CRM.
    """
    live = look.live()
    rules = ruleset or live
    scene = look.scene(rules)
    now = at or look.tools.clock()
    asked = lead if again else as_new(lead)
    known = know(look, scene, [asked], live.reads_account)
    match, duplicate, account, contact = known.of(asked, scene)
    previous, last_assignee = _before(look, lead, scene) if again else ("", None)
    with look.read() as connection:
        past = _past(look, connection, asked, match, scene)
        standings: Mapping[str, Standing] = rotation.states(connection, look.install.id)
        paused = pauses.of(connection, look.install.id, now=now)
    decision = door.conclude(
        asked,
        scene=scene,
        match=match,
        duplicate=duplicate,
        basis=Basis(
            account=account,
            contact=contact,
            previous=previous,
            last_assignee=last_assignee,
            past=past,
            work=replace(_open_leads(look, scene), paused=paused),
            rotation=standings,
        ),
        received_at=now,
        now=now,
        task_due_minutes=look.tools.settings.task_due_minutes,
    )
    return Preview(decision, needed(decision.route.path), scene.users)


def as_new(lead: Record) -> Record:
    """Return a lead without our own marks; the link to its account is ours too where we have stamped it."""
    if not lead.text("decision"):
        return lead
    ours = {"decision", "account_id"}
    return replace(lead, fields={name: value for name, value in lead.fields.items() if name not in ours})


def needed(path: Sequence[RuleTrace]) -> tuple[Needed, ...]:
    """Return what the rules passed over lacked, the last TOLD of them, the nearest first."""
    passed = [Needed(trace.rule, trace.failed, trace.found) for trace in path if not trace.held]
    return tuple(reversed(passed[-TOLD:]))


def plain(found: Preview) -> dict[str, Any]:
    """Return a preview as JSON values: the story, and the detail as the audit would have it."""
    decision = found.decision
    taker = decision.route.assignee
    return {
        "story": found.story(),
        "outcome": decision.outcome,
        "rule": decision.route.rule,
        "assignee": {"id": taker.id, "name": taker.name, "email": taker.email} if taker else None,
        "reason": decision.route.reason,
        "needed": [{"rule": each.rule, "condition": each.condition, "found": each.found} for each in found.needed],
        "detail": detail(decision),
    }


@dataclass(frozen=True)
class Known:
    """What the index and the CRM know about some leads: the accounts and the people in the running."""

    found: Found
    people: Mapping[str, list[Record]]
    learned: Reviews = field(default_factory=Reviews)

    def of(self, lead: Record, scene: Scene) -> tuple[Match, Verdict, Record | None, Record | None]:
        """Return the match by a scene's policy, the verdict, and the records behind both."""
        candidates = {account.id: account for account in self.found.of(lead.id)}
        match = choose(
            lead,
            self.found.rankings.get(lead.id, ()),
            candidates,
            policy=scene.ruleset.match,
            users=scene.users,
            pairs=self.learned.pairs,
            calibration=self.learned.calibration,
        )
        people = self.people.get(lead.id, ())
        duplicate = dedupe.verdict(lead, people, scene.ruleset.duplicates)
        account = candidates.get(match.account.account_id) if match.account else None
        same = (duplicate.of_kind, duplicate.of_id) if duplicate.status == "same" else None
        contact = next((each for each in people if (each.kind, each.id) == same and each.kind == "contact"), None)
        return match, duplicate, account, contact


def know(look: Looking, scene: Scene, leads: Sequence[Record], indexed: Collection[str]) -> Known:
    """Look up the accounts and the people of some leads, as a scene's rules need them.

    `indexed` are the custom fields of accounts that the index has, those of the rules in force: a draft may read more.
    """
    rules = scene.ruleset
    with look.read() as connection:
        learned = reviews.learned(connection, look.install.id, look.seal)
        index = Index(connection, look.install.id, look.seal)
        found = accounts.find(index, leads, rules.match, learned.pairs)
        people = index.people(leads)
    if rules.reads_account - set(indexed) and found.accounts:
        fresh = look.crm.read("account", list(found.accounts), extra=rules.reads_account)
        found = replace(found, accounts={**found.accounts, **fresh})
    wanted = rules.history | ({PARENT_OWNER} if rules.needs_parent else set())
    return Known(accounts.with_history(found, look.crm, frozenset(wanted)), people, learned)


def _before(look: Looking, lead: Record, scene: Scene) -> tuple[str, str | None]:
    """Return the key of the lead's last decision, and who has the lead by it (see decide.owner_after)."""
    with look.read() as connection:
        last = decisions.latest(connection, look.install.id, look.seal, [lead.id]).get(lead.id)
        rows = assignments.of_leads(connection, look.install.id, [lead.id], mode=scene.mode).get(lead.id, [])
    if last is None:
        previous = lead.text("decision")
        return previous, FORGOTTEN if previous else None
    held = assignments.holding(rows)
    if last.outcome == "waiting" and held is not None:
        return last.key, held.user_id
    if last.mode != scene.mode or last.outcome == "waiting":
        return last.key, None if lead.owner_id == last.lead.owner_id else FORGOTTEN
    return last.key, door.owner_after(last, scene.mode)


def _past(look: Looking, connection: Connection, lead: Record, match: Match, scene: Scene) -> Past:
    """Return who had this lead before, who must not get it, and who has leads of the same account."""
    install_id, mode = look.install.id, scene.mode
    had = assignments.of_leads(connection, install_id, [lead.id], mode=mode).get(lead.id, [])
    account = match.account.account_id if match.account and match.status == "matched" else ""
    mark = account_hash(look.seal, account) if account else None
    near = assignments.neighbours(connection, install_id, [mark], mode=mode) if mark is not None else {}
    return Past(
        assignees=tuple(each.user_id for each in had),
        neighbours=near.get(mark, ()) if mark is not None else (),
        refused=frozenset(each.user_id for each in had if each.ending in assignments.REFUSING),
    )


def _open_leads(look: Looking, scene: Scene) -> Workload:
    """Ask how many open leads the members of pools have, if any pool goes by that."""
    if not scene.ruleset.needs_open_leads:
        return NO_WORKLOAD
    wanted = [id_ for id_, pools in scene.pools_of.items() if any(map(assembly.counts_open_leads, pools))]
    found: dict[str, int] = {}
    for _ in range(ASKED):
        left = [user_id for user_id in wanted if user_id not in found]
        if not left:
            break
        found.update(look.crm.open_leads(left))
    return Workload(found)
