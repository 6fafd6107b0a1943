"""Merging in HubSpot: two records become one, again and again until the survivor has taken all losers in.

The record that comes of it may have an id of its own (HubSpot, "Updated merge functionality"); all ids before lead to
it. Values and owner of the plan are written afterwards, for all merges of a batch in one call.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Later, Refused
from connector.hubspot.answers import BadRows, Gone
from connector.hubspot.batches import Batch, Done, Row
from connector.hubspot.columns import columns, object_type
from connector.hubspot.effects import action
from connector.hubspot.fields import COMPANY, OWNER, chunks, text
from connector.hubspot.mergeable import MERGED_IDS
from connector.merging import Taken
from connector.work import Effect
from rules.actions import Merge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.answers import Fault
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.work import Work

    Json = Mapping[str, Any]

MERGE_ACTIONS = frozenset({Merge.key})
WRITE_SIZE = 100
PATIENCE = 2
"""Merges of a batch that may have to wait before the rest is not tried: HubSpot is out of order then, not a record."""
SYNC_HINT = "Companies cannot be merged while their sync with Salesforce is on"
NO_OBJECT = "HubSpot cannot merge leads, only contacts and companies"


@dataclass(slots=True)
class Attempt:
    """One merge on its way: the survivor's id as it is by now, what it has taken in, and why it went no further."""

    item: Work
    merge: Merge
    object_type: str
    now: str
    taken: list[str] = field(default_factory=list)
    wait: Later | None = None
    why: str = ""
    sent: bool = False

    @property
    def ref(self) -> str:
        """What became of whom."""
        now = dict.fromkeys(self.taken, self.now)
        if self.now != self.merge.survivor.id and self.taken:
            now[self.merge.survivor.id] = self.now
        return Taken(now).text()

    def effect(self) -> Effect:
        """Say what became of it; what HubSpot did of it and will not finish is told in full."""
        key = self.item.decision.key
        if self.wait is not None:
            applied = self.sent or self.wait.applied
            return Effect(key, Merge.key, "later", detail=str(self.wait), seconds=self.wait.seconds, applied=applied)
        if not self.why:
            return Effect(key, Merge.key, "done", ref=self.ref)
        left = [loser.id for loser in self.merge.losers if loser.id not in self.taken]
        told = f" {', '.join(self.taken)} merged into {self.now}; not merged: {', '.join(left) or 'none'}."
        return Effect(key, Merge.key, "refused", ref=self.ref, detail=self.why + ("." + told if self.taken else ""))


def merge(client: HubSpotClient, work: Sequence[Work], *, lead_type: str, names: Mapping[str, str]) -> list[Effect]:
    """Merge records, a call for each loser, then write values and owners, a call for a hundred of each object.

    What an earlier attempt may have done is looked for first: two calls for each record in question. One merge that
    has to wait stops no other. Raises Later only when nothing at all could be begun, and Revoked.
    """
    attempts = [_begin(item, lead_type) for item in work]
    waiting = 0
    for attempt in attempts:
        if attempt.why:
            continue
        if waiting >= PATIENCE:
            attempt.wait = Later("HubSpot made other merges wait", seconds=5.0, applied=False)
            continue
        _take(client, attempt)
        waiting += attempt.wait is not None
    for type_ in dict.fromkeys(attempt.object_type for attempt in attempts if _is_whole(attempt)):
        _write(client, type_, names, [each for each in attempts if each.object_type == type_ and _is_whole(each)])
    return [attempt.effect() for attempt in attempts]


def moved(item: Work) -> Work:
    """Return the work of a decision whose merge is done with the id under which its lead lives since."""
    told = next((each.ref for each in item.entry.results if each.action == Merge.key and each.ref), "")
    now = Taken.read(told).now.get(item.decision.lead.id) if told else None
    if now is None:
        return item
    lead = replace(item.decision.lead, id=now)
    return replace(item, decision=replace(item.decision, lead=lead), entry=replace(item.entry, lead_id=now))


def _begin(item: Work, lead_type: str) -> Attempt:
    wanted = action(item, Merge)
    if wanted is None:
        raise ValueError("this work has no merge to do")
    type_ = object_type(wanted.survivor.kind, lead_type)
    fits = type_ and all(object_type(loser.kind, lead_type) == type_ for loser in wanted.losers)
    return Attempt(item, wanted, type_, wanted.survivor.id, why="" if fits else NO_OBJECT)


def _is_whole(attempt: Attempt) -> bool:
    return attempt.wait is None and not attempt.why


def _take(client: HubSpotClient, attempt: Attempt) -> None:
    """Let the survivor take all losers in; note where it stopped and why."""
    try:
        if MERGE_ACTIONS & attempt.item.uncertain:
            _look(client, attempt)
        for loser in attempt.merge.losers:
            if loser.id not in attempt.taken:
                _take_one(client, attempt, loser.id)
    except Later as wait:
        attempt.wait = wait
    except (Refused, Ignored) as refusal:
        attempt.why = _reason(attempt, refusal)


def _take_one(client: HubSpotClient, attempt: Attempt, loser: str) -> None:
    """Merge one loser; when HubSpot refuses, look whether that is because it was merged already."""
    try:
        answer = client.merge(attempt.object_type, attempt.now, loser)
    except Later as wait:
        attempt.sent = attempt.sent or wait.applied
        raise
    except (BadRows, Gone):
        attempt.sent = True
        _look(client, attempt)
        if loser not in attempt.taken:
            raise
        return
    attempt.sent = True
    attempt.now = text(answer.get("id")) or attempt.now
    attempt.taken.append(loser)


def _look(client: HubSpotClient, attempt: Attempt) -> None:
    """Find out which losers the survivor has in it: their old ids lead to it, or it names them."""
    row = client.find(attempt.object_type, attempt.now, [MERGED_IDS])
    attempt.now = text(row.get("id")) or attempt.now
    inside = set(text((row.get("properties") or {}).get(MERGED_IDS)).split(";"))
    for loser in attempt.merge.losers:
        if loser.id in attempt.taken:
            continue
        if loser.id in inside or _leads_to(client, attempt, loser.id):
            attempt.taken.append(loser.id)


def _leads_to(client: HubSpotClient, attempt: Attempt, loser: str) -> bool:
    try:
        return text(client.find(attempt.object_type, loser, []).get("id")) == attempt.now
    except Gone:
        return False


def _reason(attempt: Attempt, refusal: Refused | Ignored) -> str:
    """Say why; a company that HubSpot will not merge for no reason that we know is most likely synchronised."""
    known = isinstance(refusal, BadRows) and bool(refusal.fault.codes)
    hint = f". {SYNC_HINT}" if attempt.object_type == COMPANY and isinstance(refusal, BadRows) and not known else ""
    return f"{refusal}{hint}"


def _write(client: HubSpotClient, type_: str, names: Mapping[str, str], attempts: Sequence[Attempt]) -> None:
    """Write the values and owners of merges that are done; note what was refused."""
    changes: list[tuple[Attempt, dict[str, str]]] = []
    known = columns(client, type_, names) if any(attempt.merge.values for attempt in attempts) else None
    for attempt in attempts:
        try:
            values = known.properties(attempt.merge.values) if known else {}
        except KeyError as lost:
            attempt.why = f"Merged, but the portal has no property for {lost.args[0]} any more"
            continue
        if attempt.merge.owner_id:
            values[OWNER] = attempt.merge.owner_id
        if values:
            changes.append((attempt, values))
    for some in chunks(changes, WRITE_SIZE):
        _update(client, type_, some)


def _update(client: HubSpotClient, type_: str, changes: Sequence[tuple[Attempt, Mapping[str, str]]]) -> None:
    rows = [
        Row(
            attempt.item.decision.key,
            {"id": attempt.now, "objectWriteTraceId": attempt.item.decision.key, "properties": values},
            marks=frozenset({attempt.item.decision.key}),
            shared=frozenset({attempt.now}),
        )
        for attempt, values in changes
    ]
    try:
        verdicts: Mapping[str, Verdict] = Batch(
            lambda inputs: client.update(type_, inputs), _trace, repeatable=True
        ).send(rows)
    except Later as wait:
        verdicts = dict.fromkeys((row.key for row in rows), wait)
    for attempt, _ in changes:
        verdict: Done | Fault | Later = verdicts[attempt.item.decision.key]
        if isinstance(verdict, Later):
            attempt.wait, attempt.sent = verdict, True
        elif not isinstance(verdict, Done):
            attempt.why = f"Merged, but the values could not be written. {verdict.words}"


def _trace(result: Json) -> str:
    return str(result.get("objectWriteTraceId") or result.get("id"))
