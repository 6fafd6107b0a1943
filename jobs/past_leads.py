"""Where the past leads of a simulation come from: our own decisions, the CRM, or a table somebody hands in.

Decisions are the best source: the lead, its match and its duplicate are as they were found then. Leads of the CRM and
of a table are matched anew, with the accounts and people of today; of a lead of the CRM nobody knows what it looked
like when it came, so it is taken as it is now, without its owner and without our marks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, select

from connector.acts import ACTS
from connector.crm import PARENT_OWNER
from connector.index import Index
from connector.store import decisions
from connector.store.timers import timer
from jobs import accounts
from jobs.accounts import Found
from jobs.preview import Known, Looking, know
from rules.decide import Scene
from rules.model import Decision, Record, Value
from rules.simulate import PastLead, View
from rules.typed_leads import Arrival
from rules.undo import ROUTING_NOTHING

BATCH = 250
"""Leads that are looked up, decided and counted at once."""
ACTED = tuple(act for act in ACTS if act != "gone")
"""Why a timer was stopped, where somebody had worked on the lead."""
_OURS = frozenset({"decision", "account_id", "converted"})


@dataclass(frozen=True)
class Sides:
    """The two rule sets of a simulation on their scenes, and the custom fields that the rules in force read."""

    before: Scene
    after: Scene
    reads: frozenset[str]
    reads_account: frozenset[str]
    history: frozenset[str]

    @classmethod
    def of(cls, look: Looking, before: Scene, after: Scene) -> Sides:
        """Return the sides; what is read already is what the rules in force read."""
        live = look.live()
        return cls(before, after, live.reads, live.reads_account, live.history)

    @property
    def match_alike(self) -> bool:
        """Whether both match by the same policy, so that one match serves both."""
        return self.before.ruleset.match == self.after.ruleset.match

    @property
    def asked(self) -> frozenset[str]:
        """The custom fields of leads that either reads."""
        return self.before.ruleset.reads | self.after.ruleset.reads


def decided(look: Looking, since: datetime) -> list[str]:
    """Return the keys of the first decisions about leads that came since then, in order."""
    one, other = decisions.decision, decisions.decision.alias("earlier")
    earlier = exists().where(
        other.c.install_id == one.c.install_id,
        other.c.lead_id == one.c.lead_id,
        (other.c.created_at < one.c.created_at)
        | ((other.c.created_at == one.c.created_at) & (other.c.key < one.c.key)),
    )
    mine = (one.c.install_id == look.install.id) & (one.c.created_at >= since) & one.c.outcome.not_in(ROUTING_NOTHING)
    with look.read() as connection:
        query = select(one.c.key).where(mine, ~earlier).order_by(one.c.created_at, one.c.key)
        return list(connection.execute(query).scalars())


def from_store(look: Looking, sides: Sides, keys: Sequence[str]) -> Iterator[list[PastLead]]:
    """Yield the leads of these decisions, a batch at a time; an update of an older lead is no arrival, and left out."""
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        with look.read() as connection:
            found = decisions.by_keys(connection, look.install.id, look.seal, some)
        made = [each.decision for each in found.values()]
        yield _of_decisions(look, sides, [each for each in made if not (each.basis and each.basis.previous)])


def from_crm(look: Looking, sides: Sides, since: datetime) -> list[Arrival]:
    """Return the leads that were created in the CRM since then, by age."""
    found: list[Record] = []
    after = None
    while True:
        page = look.crm.scan("lead", after=after, since=since, extra=sides.asked)
        found += [each for each in page.records if each.created_at and each.created_at >= since]
        after = page.after
        if after is None:
            break
    return [Arrival(_as_it_came(each), each.created_at) for each in sorted(found, key=lambda each: _age(each, since))]


def from_arrivals(look: Looking, sides: Sides, found: Sequence[Arrival]) -> Iterator[list[PastLead]]:
    """Yield leads that are matched anew, a batch at a time, in the order given. Each must say when it came."""
    for start in range(0, len(found), BATCH):
        some = found[start : start + BATCH]
        leads = [replace(each.lead, created_at=each.lead.created_at or each.received_at) for each in some]
        before, after = _known(look, sides, leads)
        yield [
            _matched(lead, each.received_at or look.tools.clock(), sides, before, after)
            for lead, each in zip(leads, some, strict=True)
        ]


def _as_it_came(lead: Record) -> Record:
    return replace(
        lead, owner_id=None, fields={name: value for name, value in lead.fields.items() if name not in _OURS}
    )


def _age(lead: Record, since: datetime) -> tuple[datetime, str]:
    return lead.created_at or since, lead.id


def _known(look: Looking, sides: Sides, leads: Sequence[Record]) -> tuple[Known, Known]:
    before = know(look, sides.before, leads, sides.reads_account)
    if sides.match_alike and _needs(sides.after) <= _needs(sides.before):
        return before, before
    return before, know(look, sides.after, leads, sides.reads_account)


def _needs(scene: Scene) -> frozenset[str]:
    """Return what a rule set asks of accounts, beside what everybody does."""
    rules = scene.ruleset
    return rules.reads_account | rules.history | ({PARENT_OWNER} if rules.needs_parent else set())


def _matched(lead: Record, received_at: datetime, sides: Sides, before: Known, after: Known) -> PastLead:
    match, duplicate, account, contact = before.of(lead, sides.before)
    view = other = View(match, account)
    if after is not before:
        match, _, account, _ = after.of(lead, sides.after)
        other = View(match, account)
    return PastLead(lead, received_at, duplicate, view, other, contact)


def _of_decisions(look: Looking, sides: Sides, made: Sequence[Decision]) -> list[PastLead]:
    """Return the leads of decisions; what a draft asks for and was not read then is read now."""
    leads = _completed(look, sides, [each.lead for each in made])
    acted = _acted(look, [each.id for each in leads])
    views = _views(look, sides, made, leads)
    return [
        PastLead(
            lead=lead,
            received_at=each.received_at,
            duplicate=each.duplicate,
            before=before,
            after=after,
            contact=each.basis.contact if each.basis else None,
            paused=each.basis.work.paused if each.basis else {},
            neighbours=each.basis.past.neighbours if each.basis else (),
            acted_at=acted.get(lead.id),
        )
        for each, lead, (before, after) in zip(made, leads, views, strict=True)
    ]


def _completed(look: Looking, sides: Sides, leads: Sequence[Record]) -> list[Record]:
    missing = sides.asked - sides.reads
    if not missing or not leads:
        return list(leads)
    fresh = look.crm.read("lead", [each.id for each in leads], extra=missing)
    return [_with(lead, fresh[lead.id], missing) if lead.id in fresh else lead for lead in leads]


def _with(lead: Record, fresh: Record, names: frozenset[str]) -> Record:
    found: dict[str, Value] = {name: fresh.fields[name] for name in names if name in fresh.fields}
    return replace(lead, fields={**found, **lead.fields})


def _views(look: Looking, sides: Sides, made: Sequence[Decision], leads: Sequence[Record]) -> list[tuple[View, View]]:
    """Return what matching says: as it was found then, or anew for both where the policies differ."""
    if not sides.match_alike:
        before, after = _known(look, sides, leads)
        found = [_matched(lead, each.received_at, sides, before, after) for each, lead in zip(made, leads, strict=True)]
        return [(past.before, past.after) for past in found]
    needs = (_needs(sides.before) | _needs(sides.after)) - sides.reads_account - sides.history
    lacking = made if needs else [each for each in made if each.basis is None]
    today = _accounts(look, sides, {each.match.account.account_id for each in lacking if each.match.account}, needs)
    views = [View(each.match, _account(each, today)) for each in made]
    return [(view, view) for view in views]


def _account(decision: Decision, today: Mapping[str, Record]) -> Record | None:
    """Return the account as it was then; without that as it is today, and of today what was not read then."""
    then = decision.basis.account if decision.basis else None
    now = today.get(decision.match.account.account_id) if decision.match.account else None
    if then is None or now is None:
        return then or now
    return replace(then, fields={**now.fields, **then.fields})


def _accounts(look: Looking, sides: Sides, ids: Collection[str], needs: frozenset[str]) -> dict[str, Record]:
    """Return accounts as they are today, with what the rules ask of them."""
    if not ids:
        return {}
    with look.read() as connection:
        known = Index(connection, look.install.id, look.seal).get("account", ids)
    if needs:
        known |= look.crm.read("account", sorted(ids), extra=needs)
    wanted = sides.before.ruleset.history | sides.after.ruleset.history | (needs & {PARENT_OWNER})
    return dict(accounts.with_history(Found(accounts=known), look.crm, wanted).accounts)


def _acted(look: Looking, lead_ids: Sequence[str]) -> Mapping[str, datetime]:
    """Return when it was noticed that somebody had worked on a lead, where a timer was stopped for that."""
    mine = (timer.c.install_id == look.install.id) & (timer.c.state == "stopped") & timer.c.reason.in_(ACTED)
    query = select(timer.c.lead_id, func.min(timer.c.changed_at)).where(mine, timer.c.lead_id.in_(lead_ids))
    with look.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(timer.c.lead_id))}
