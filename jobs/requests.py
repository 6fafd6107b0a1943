"""What people ask for on the card of a lead: wrong match, wrong owner, undo; docs/decisions/0012 says how it gets here.

The record, read again, has the request. It is carried out by a decision that is stored, in one transaction, together
with what follows from it here, and whose audit record goes to the CRM in one piece with the answer on the record: so it
happens once, whenever a worker dies. What is not carried out is answered on the record at once, before anything else is
done about the lead; doing that twice does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector.store import assignments, histories, letters
from connector.store import reviews as store
from connector.store.assignments import Assignment, holding
from connector.store.letters import Letter
from connector.store.reviews import Review
from jobs import reviews, rulebook, takeback, undo
from jobs.past import Ground
from jobs.shift import Shift
from jobs.takeback import Plan, Scope
from rules import undo as rules
from rules.actions import Answer, Unlink
from rules.decide import Reviews, Scene
from rules.model import Decision, Kind, Link, Record, User
from rules.telling import Telling
from rules.wording import catalogue
from rules.wording.words import english, say

log = structlog.get_logger()

WRONG_MATCH, WRONG_OWNER, UNDO = "wrong_match", "wrong_owner", "undo"
_KNOWN = frozenset({WRONG_MATCH, WRONG_OWNER, UNDO})
_NOTHING: Mapping[str, str] = {
    takeback.UNDONE_ALREADY: "request.refused.undone",
    takeback.NOTHING: "request.refused.nothing",
}
"""Why nothing is planned to go back -> the sentence that says it in the language of who asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for on a lead, and what was decided about it last, if that is known."""

    what: str
    by: User
    last: Decision | None
    telling: Telling

    @property
    def account_id(self) -> str:
        """The account that the lead's last decision names; empty without one."""
        account = self.last.match.account if self.last is not None and self.last.outcome != "undone" else None
        return account.account_id if account else ""

    @property
    def language(self) -> str:
        """The language to answer in."""
        return self.telling.language_for(self.by.language)


@dataclass(frozen=True)
class Heard:
    """The requests of a batch. `leads` are its records without what is asked for on them.

    By lead id: `corrected` are decided anew, which carries their request out; `undone` have an undo planned; on `busy`
    ones somebody is writing, so they could not be answered: try again after so many seconds. `said` are the matches
    that are called wrong; `linked` leads have the wrong account, in `leads` they do not.
    """

    leads: Mapping[str, Record]
    corrected: Mapping[str, Asked] = field(default_factory=dict)
    undone: Mapping[str, tuple[Plan, Decision]] = field(default_factory=dict)
    busy: Mapping[str, float] = field(default_factory=dict)
    said: Mapping[str, Review] = field(default_factory=dict)
    linked: frozenset[str] = frozenset()

    def taught(self, known: Reviews) -> Reviews:
        """Return what reviews say, with the matches that are called wrong here."""
        return reviews.with_pairs(known, self.said.values())

    def lose(self, lead_id: str, ground: Ground, *, now: datetime) -> None:
        """Take the lead from whoever is called the wrong owner, before it is decided about; the turn goes back."""
        asked = self.corrected.get(lead_id)
        if asked is not None and asked.what == WRONG_OWNER:
            ground.lose(lead_id, "rejected", now, gives_back=True)

    def answered(self, decision: Decision) -> Decision:
        """Return the decision that carries out what was asked for on its lead, told and answered as such."""
        asked = self.corrected.get(decision.lead.id)
        if asked is None:
            return decision
        account = asked.last.match.account if asked.last is not None else None
        told = {"by": asked.by.name, "account": account.name if account else "", "reason": decision.route.reason}
        with catalogue.speaking(decision.language):
            reason = say(f"request.{asked.what.replace('_', ' ')}", **told)
        actions = (*decision.actions, *self._unlinked(decision, asked), Answer())
        label = reviews.label_of(said) if (said := self.said.get(decision.lead.id)) else None
        return replace(decision, route=replace(decision.route, reason=reason), actions=actions, label=label)

    def write(self, connection: Connection, shift: Shift, new: Collection[str], decided: Iterable[Decision]) -> None:
        """Store what follows from the decisions `new`, in the transaction that stores them."""
        now = shift.tools.clock()
        said = [self.said[each.lead.id] for each in decided if each.key in new and each.lead.id in self.said]
        store.keep(connection, shift.install.id, shift.seal, said)
        for plan, decision in self.undone.values():
            if decision.key in new:
                undo.follow(connection, shift.install.id, plan, decision.key, now)
                undo.tell_apart(connection, shift, decision)

    def _unlinked(self, decision: Decision, asked: Asked) -> tuple[Unlink, ...]:
        """Take the wrong account off the lead, unless another one takes its place."""
        is_linked = asked.what == WRONG_MATCH and decision.lead.id in self.linked and decision.mode == "act"
        another = any(isinstance(each, Link) for each in decision.actions)
        return (Unlink(asked.account_id),) if is_linked and not another else ()


def hear(shift: Shift, scene: Scene, records: Mapping[str, Record], latest: Mapping[str, Decision]) -> Heard:
    """Find out what is asked for on a batch of leads and what can be done of it; what cannot is answered at once.

    An undo is planned (one read of its leads and one of their tasks), nothing is stored. Raises Later, Revoked.
    """
    asked = {
        each: Asked(record.text("request"), _who(record, scene.users), latest.get(each), scene.telling)
        for each, record in records.items()
        if record.text("request")
    }
    if not asked:
        return Heard(records)
    leads = {each: _plain(record) if each in asked else record for each, record in records.items()}
    refused = _refusals(shift, scene, leads, asked)
    wanted = {each: one for each, one in asked.items() if one.what == UNDO and each not in refused}
    undone, nothing = _undoes(shift, scene, wanted)
    refused |= nothing
    busy = _refuse(shift, "lead", refused)
    corrected = {each: one for each, one in asked.items() if each not in refused and each not in undone}
    wrong = {each: one for each, one in corrected.items() if one.what == WRONG_MATCH}
    linked = frozenset(each for each, one in wrong.items() if leads[each].text("account_id") == one.account_id)
    now = shift.tools.clock()
    return Heard(
        {each: _unlinked(lead) if each in linked else lead for each, lead in leads.items() if each not in busy},
        corrected,
        undone,
        busy,
        {each: store.rejection(one.last, by=one.by.name, now=now) for each, one in wrong.items() if one.last},
        linked,
    )


def put_off(shift: Shift, heard: Heard, piles: dict[str, list[Letter]]) -> None:
    """Take out the letters of leads on which somebody is writing, and put them off."""
    for lead_id, seconds in heard.busy.items():
        postpone(shift, piles.pop(lead_id), seconds)


def postpone(shift: Shift, pile: Iterable[Letter], seconds: float) -> None:
    """Put letters off because the record could not be answered."""
    until = shift.tools.clock() + timedelta(seconds=seconds)
    with shift.write() as connection:
        ids = [each.id for each in pile]
        letters.postpone(connection, shift.install.id, ids, until=until, reason=english("work.busy"), failed=False)


def refuse_contacts(shift: Shift, records: Iterable[Record]) -> Mapping[str, float]:
    """Answer what is asked for on contacts, as only leads are routed; return those that are busy, as Heard does."""
    asked = [each for each in records if each.text("request")]
    if not asked:
        return {}
    users, chosen = {user.id: user for user in rulebook.directory(shift)}, rulebook.telling(shift)
    refused = {each.id: _say("contact", chosen.language_for(_who(each, users).language)) for each in asked}
    return _refuse(shift, "contact", refused)


def _refusals(shift: Shift, scene: Scene, leads: Mapping[str, Record], asked: Mapping[str, Asked]) -> dict[str, str]:
    """Say, by lead id, why a request is not carried out, as far as that shows without planning anything."""
    with shift.read() as connection:
        rows = assignments.of_leads(connection, shift.install.id, list(asked), mode=scene.mode)
    found: dict[str, str] = {}
    for lead_id, one in asked.items():
        lead = leads[lead_id]
        if why := _why_not(one, lead, holding(rows.get(lead_id, ())), scene):
            owner = scene.users.get(lead.owner_id or "")
            found[lead_id] = _say(why, one.language, user=owner.name if owner else lead.owner_id or "")
    return found


def _why_not(asked: Asked, lead: Record, held: Assignment | None, scene: Scene) -> str:
    """Name the sentence that says why a request is not carried out; empty when it may be."""
    if lead.fields.get("converted"):
        return "converted"
    if asked.what not in _KNOWN:
        return "unknown"
    if asked.what == WRONG_MATCH:
        return "" if asked.account_id else "no match"
    if scene.mode == "observe":
        return "observe"
    if asked.what == WRONG_OWNER and held is None:
        return "nobody"
    if asked.what == WRONG_OWNER and scene.mode == "act" and held is not None and held.user_id != lead.owner_id:
        return "given" if lead.owner_id else "nobody"
    return ""


def _undoes(
    shift: Shift, scene: Scene, asked: Mapping[str, Asked]
) -> tuple[dict[str, tuple[Plan, Decision]], dict[str, str]]:
    """Plan to take back what was last done about these leads; second, why nothing goes back of the others."""
    if not asked:
        return {}, {}
    with shift.read() as connection:
        known = histories.of_leads(connection, shift.install.id, shift.seal, list(asked))
    scope = Scope(
        shift.tools.database, shift.install, shift.seal, shift.crm, scene.users, scene.ruleset, shift.tools.settings
    )
    undone: dict[str, tuple[Plan, Decision]] = {}
    refused: dict[str, str] = {}
    for language in sorted({each.language for each in asked.values()}):
        mine = {lead_id: each for lead_id, each in asked.items() if each.language == language}
        gave = {each: [one for one in known[each].decisions if rules.is_effective(one.decision)] for each in mine}
        last = {each: [one for one in gave[each] if one.decision.key not in known[each].undone()][:1] for each in mine}
        refused |= {each: _say("undone" if gave[each] else "nothing", language) for each in mine if not last[each]}
        with catalogue.speaking(language):
            planned = takeback.plans(scope, [one for pile in last.values() for one in pile], asked=shift.tools.clock())
            for plan in planned:
                lead_id = plan.stored.decision.lead.id
                if plan.found is None:
                    refused[lead_id] = say(_NOTHING.get(plan.why, "request.refused.left"), parts=plan.why)
                else:
                    undone[lead_id] = plan, _undo(plan, scope, mine[lead_id], now=shift.tools.clock())
    return undone, refused


def _undo(plan: Plan, scope: Scope, asked: Asked, *, now: datetime) -> Decision:
    """Return the undo that answers a request."""
    made = plan.decision(scope, by=asked.by.name, asked=now, now=now)
    return replace(made, lead=_plain(made.lead), actions=(*made.actions, Answer()), language=asked.language)


def _refuse(shift: Shift, kind: Kind, refused: Mapping[str, str]) -> dict[str, float]:
    """Write on records why nothing was done; return those on which somebody else is writing."""
    if not refused:
        return {}
    left = shift.crm.refuse_requests(kind, refused)
    log.info("requests refused", install=shift.install.id, kind=kind, count=len(refused) - len(left))
    for each in left:
        log.warning("request not answered", install=shift.install.id, record=each.record_id, reason=each.why)
    return {each.record_id: each.seconds for each in left if each.seconds}


def _who(record: Record, users: Mapping[str, User]) -> User:
    """Return who asks, as far as the CRM tells: whoever changed the record last."""
    user_id = record.text("request_by")
    known = users.get(user_id)
    return known if known is not None and known.name else User(user_id, user_id or "Somebody")


def _plain(record: Record) -> Record:
    """Return a record without what is asked for on it: rules do not go by that, and no decision keeps it."""
    fields = {name: value for name, value in record.fields.items() if name not in {"request", "request_by"}}
    return replace(record, fields=fields)


def _unlinked(lead: Record) -> Record:
    return replace(lead, fields={**lead.fields, "account_id": None})


def _say(why: str, language: str, **values: str) -> str:
    with catalogue.speaking(language):
        return say(f"request.refused.{why}", **values)
