"""The detail of an audit record for machines: what it holds beside the story, how long it may be, and the way back.

Salesforce's field takes 131,072 characters, HubSpot's 65,536. A detail that is longer leaves out whole parts and names
them under ``short``: first what a replay works out again (the rotation after the turn), for both CRMs; then, only where
Salesforce could not hold it either, what a replay will miss. Beyond its own limit HubSpot's adapter leaves out the
longest parts and writes ``cut``. A turn of a pool of 100 members takes about 16,000 characters, one of 1,000 (the most
there may be) about 70,000 without the rotation after it: pools up to some 800 members are replayed from HubSpot too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, get_args

from rules import labels
from rules.actions import Member, Merge
from rules.decision_keys import lead_id
from rules.model import (
    NO_PAST,
    Action,
    Basis,
    Candidate,
    Decision,
    Evidence,
    Filtered,
    Match,
    Past,
    Record,
    Route,
    RuleTrace,
    Timer,
    Turn,
    User,
    Value,
    Verdict,
    Workload,
)
from rules.telling import USUAL, Telling

LONG = 60_000
"""Characters from which on a detail leaves out what can be worked out again: HubSpot's 65,536 with room."""
LONGEST = 120_000
"""Characters of a detail at most: Salesforce's 131,072 with room for what its adapter adds about refusals."""

PARTS = ("inputs", "duplicate", "match", "rules", "route", "turn", "timers", "actions", "lead", "basis", "ruleset")
"""What a replay needs of a detail."""

_Json = dict[str, Any]
_ACTIONS: dict[str, type[Any]] = {each.key: each for each in get_args(Action)}


class Unreadable(Exception):  # noqa: N818 - it is what the detail is
    """The detail holds no decision that can be made again; the text says why."""


def plain(value: Value) -> str | int | float | bool | None:
    """Return a value as JSON knows it; dates become text."""
    return value.isoformat() if isinstance(value, date) else value


def beside(decision: Decision) -> _Json:
    """Return what a replay needs beside the story: times, the mode, and what the decision was made from."""
    return {
        "mode": decision.mode,
        "outcome": decision.outcome,
        "language": decision.language,
        "reason": decision.route.reason,
        "received": decision.received_at.isoformat(),
        "decided": decision.decided_at.isoformat(),
        "lead": _attributes(decision.lead),
        "basis": _basis(decision.basis) if decision.basis else None,
    }


def fitted(told: _Json) -> str:
    """Return the detail as compact JSON of at most LONGEST characters."""
    text = _compact(told)
    if len(text) <= LONG:
        return text
    short = _shortened(dict(told))
    return text if len(text := _compact(short)) <= LONGEST else _compact({"v": told.get("v"), "cut": True})


def read(text: str, users: Mapping[str, User]) -> Decision:
    """Return the decision that a detail tells of; who took the lead is looked up among `users` by id.

    Raises Unreadable for a detail that was cut, or written by a version that kept too little.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("The audit record has no detail that can be read.") from None
    if not isinstance(told, dict):
        raise Unreadable("The audit record's detail was changed by somebody.")
    if told.get("cut"):
        gone = ", ".join(part for part in PARTS if part not in told)
        raise Unreadable(f"The audit record's detail was longer than the CRM's field. It lacks: {gone}.")
    if "basis" not in told or "decided" not in told:
        raise Unreadable("The audit record was written by an older version, which kept less.")
    try:
        return _decision(told, users)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Unreadable("The audit record's detail was changed by somebody.") from None


def _compact(told: _Json) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _shortened(told: _Json) -> _Json:
    """Leave parts out until it fits: what the turn led to, candidates that lost, other pools, rules passed over."""
    turn = told.get("turn") or {}
    gone: list[str] = []
    for part in ("turn.after", "match.others", "basis.rotation", "rules", "turn.before"):
        if len(_compact({**told, "short": gone})) <= (LONGEST if gone else LONG):
            break
        gone.append(part)
        if part == "turn.after" and turn:
            member = turn["member"]
            turn = {**turn, "after": {member: turn["after"].get(member, {})}}
        elif part == "turn.before" and turn:
            turn = {**turn, "before": {}}
        elif part == "basis.rotation" and told.get("basis"):
            told["basis"] = {**told["basis"], "rotation": {}}
        elif part == "match.others":
            told["match"] = {**told["match"], "others": []}
        elif part == "rules":
            told["rules"] = []
        told["turn"] = turn or None
    return {**told, "short": gone}


def _attributes(record: Record) -> _Json:
    """Return what a record has beside id, owner and fields: its times, and which fields are dates."""
    return {
        "created": record.created_at.isoformat() if record.created_at else None,
        "modified": record.modified_at.isoformat() if record.modified_at else None,
        "dates": sorted(name for name, value in record.fields.items() if isinstance(value, date)),
    }


def _record(record: Record | None) -> _Json | None:
    if record is None:
        return None
    fields = {name: plain(value) for name, value in sorted(record.fields.items())}
    return {"id": record.id, "owner": record.owner_id, "fields": fields, **_attributes(record)}


def _basis(basis: Basis) -> _Json:
    past, work = basis.past, basis.work
    told = {
        "account": _record(basis.account),
        "contact": _record(basis.contact),
        "previous": basis.previous,
        "last": basis.last_assignee,
        "assignees": list(past.assignees),
        "neighbours": list(past.neighbours),
        "refused": sorted(past.refused),
        "waited": past.waited_since.isoformat() if past.waited_since else None,
        "open": dict(work.open_leads),
        "paused": {each: until.isoformat() if until else None for each, until in work.paused.items()},
        "rotation": {lane: {id_: dict(row) for id_, row in rows.items()} for lane, rows in basis.rotation.items()},
        "changed": list(basis.changed),
        "telling": asdict(basis.telling) if basis.telling != USUAL else None,
    }
    return {name: value for name, value in told.items() if value or name == "last"}


def _aware(text: str) -> datetime:
    """Return a moment that others can be compared with. Raises ValueError without a zone."""
    if (found := datetime.fromisoformat(text)).utcoffset() is None:
        raise ValueError("a moment without a zone")
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _fields(told: Mapping[str, Any], dates: list[str]) -> dict[str, Value]:
    return {
        name: (datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)) if name in dates else value
        for name, value in told.items()
    }


def _record_of(kind: Any, told: _Json | None) -> Record | None:
    if told is None:
        return None
    fields = _fields(told["fields"], told["dates"])
    return Record(kind, told["id"], fields, told["owner"], _moment(told["created"]), _moment(told["modified"]))


def _basis_of(told: _Json | None) -> Basis | None:
    if told is None:
        return None
    past = Past(
        tuple(told.get("assignees", ())),
        tuple(told.get("neighbours", ())),
        frozenset(told.get("refused", ())),
        _moment(told.get("waited")),
    )
    paused = {each: _moment(until) for each, until in told.get("paused", {}).items()}
    return Basis(
        account=_record_of("account", told.get("account")),
        contact=_record_of("contact", told.get("contact")),
        previous=told.get("previous", ""),
        last_assignee=told.get("last"),
        past=NO_PAST if past == NO_PAST else past,
        work=Workload(told.get("open", {}), paused),
        rotation=told.get("rotation", {}),
        changed=tuple(told.get("changed", ())),
        telling=Telling(**told.get("telling", {})),
    )


def _evidence(told: list[list[Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(kind, "", weight) for kind, weight in told)


def _candidate(told: _Json | None) -> Candidate | None:
    return Candidate(told["id"], told["name"], told["owner"], told["p"], _evidence(told["evidence"])) if told else None


def _match(told: _Json) -> Match:
    others = tuple(filter(None, map(_candidate, told["others"])))
    filtered = tuple(Filtered(*each) for each in told["filtered"])
    account = _candidate(told["account"])
    return Match(told["status"], account, others, told["reason"], told["tie"], filtered, told["needed"])


def _turn(told: _Json | None) -> Turn | None:
    return Turn(told["pool"], told["member"], told["before"], told["after"], told["how"]) if told else None


def _route(told: _Json, users: Mapping[str, User]) -> Route:
    route, id_ = told["route"], told["route"]["assignee"]
    return Route(
        rule=route["rule"],
        target=route["target"],
        assignee=users.get(id_) or User(id_, id_) if id_ else None,
        reason=told["reason"],
        fallback=route["fallback"],
        path=tuple(RuleTrace(*each) for each in told["rules"]),
        turn=_turn(told["turn"]),
        until=_moment(route["until"]),
        refused=tuple((target, why) for target, why in route["refused"]),
    )


def _action(told: _Json) -> Action:
    values = {name: value for name, value in told.items() if name != "do"}
    for name in ("due_at", "routed_at"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    for name in ("members", "losers", "tasks"):
        if name in values:
            values[name] = tuple(each if name == "tasks" else Member(**each) for each in values[name])
    if "survivor" in values:
        values |= {"survivor": Member(**values["survivor"]), "converts": tuple(values["converts"])}
    if "merge" in values:
        values["merge"] = _action({"do": Merge.key, **values["merge"]})
    found: Action = _ACTIONS[told["do"]](**values)
    return found


def _decision(told: _Json, users: Mapping[str, User]) -> Decision:
    lead, duplicate = told["lead"], told["duplicate"]
    return Decision(
        key=told["key"],
        lead=Record(
            "lead",
            lead_id(told["key"]),
            _fields(told["inputs"], lead["dates"]),
            told["owner"],
            _moment(lead["created"]),
            _moment(lead["modified"]),
        ),
        mode=told["mode"],
        outcome=told["outcome"],
        duplicate=Verdict(
            duplicate["status"], duplicate["kind"], duplicate["id"], duplicate["owner"],
            _evidence(duplicate["evidence"]), duplicate.get("confidence", 0.0), duplicate.get("log_odds"),
        ),
        match=_match(told["match"]),
        route=_route(told, users),
        actions=tuple(map(_action, told["actions"])),
        ruleset_version=told["ruleset"],
        received_at=_aware(told["received"]),
        decided_at=_aware(told["decided"]),
        timers=tuple(Timer(kind, _aware(due), to, step) for kind, due, to, step in told["timers"]),
        language=told["language"],
        basis=_basis_of(told["basis"]),
        merging=tuple(told.get("merging", ())),
        untold=tuple(told.get("untold", ())),
        label=labels.of(told.get("label")),
    )  # fmt: skip
