"""Who owns how many open leads: asked of the CRM now and then, and counted on from there by what we gave since."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from connector.crm import Memo
from connector.errors import Later
from connector.store import assignments
from connector.store.memos import StoredMemo
from jobs.shift import Shift
from rules import assembly
from rules.decide import Scene
from rules.model import Mode

OPEN_LEADS = "open leads"
NEXT_SECONDS = 1.0
"""How soon the CRM is asked for the rest, when its rate limit did not allow all at once."""


def open_leads(shift: Shift, scene: Scene) -> dict[str, int]:
    """Return how many open leads the members have of those pools that go by it; empty when none does.

    Raises Later while some are not counted yet: who was not counted would look as if they had none.
    """
    if not scene.ruleset.needs_open_leads:
        return {}
    wanted = sorted(id_ for id_, pools in scene.pools_of.items() if any(map(assembly.counts_open_leads, pools)))
    memo, now = StoredMemo(shift.tools.database, shift.install.id, shift.seal, shift.tools.clock), shift.tools.clock()
    seconds = shift.tools.settings.open_leads_seconds
    known = memo.get(OPEN_LEADS)
    since = datetime.fromisoformat(known["at"]) if known else now
    if not known or now - since >= timedelta(seconds=seconds):
        known, since = {"at": now.isoformat(), "counts": {}}, now
    counts: dict[str, int] = known["counts"]
    with shift.read() as connection:
        moved = assignments.moved(connection, shift.install.id, since=since, mode=scene.mode)
    missing = [each for each in wanted if each not in counts]
    if missing:
        answer = shift.crm.open_leads(missing)
        # The first ones are answered; of those before the last answer the CRM will never know more.
        last = max((place for place, each in enumerate(missing) if each in answer), default=len(missing) - 1)
        # Kept as it was at `since`, so that what we gave since is not counted twice.
        counts |= {each: answer.get(each, 0) - moved.get(each, 0) for each in missing[: last + 1]}
        memo.put(OPEN_LEADS, known, seconds=seconds)
        if missing[last + 1 :]:
            raise Later("the CRM is still counting open leads", seconds=NEXT_SECONDS, applied=False)
    return {each: max(0, counts[each] + moved.get(each, 0)) for each in wanted}


def last_known(connection: Connection, memo: Memo, install_id: str, mode: Mode) -> dict[str, int]:
    """Return the open leads that were counted last, with what we gave since; nobody is asked. Empty when forgotten."""
    known = memo.get(OPEN_LEADS)
    if not known:
        return {}
    moved = assignments.moved(connection, install_id, since=datetime.fromisoformat(known["at"]), mode=mode)
    return {each: max(0, count + moved.get(each, 0)) for each, count in known["counts"].items()}
