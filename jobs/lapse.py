"""Leads that are to be taken from whoever let them lapse: whether that still holds when their letters are answered.

The timer asked whether anybody had acted, and posted a letter; a CRM that is away, or close to its limit, can put that
letter off for hours. So whoever has the lead loses it where it is decided, and has not acted until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from connector.store import decisions
from connector.store.assignments import holding
from connector.store.letters import Letter
from jobs import deeds, routing
from jobs.past import Ground
from jobs.shift import Shift
from jobs.stale import FRESH

log = structlog.get_logger()


def outworked(shift: Shift, piles: dict[str, list[Letter]]) -> list[int]:
    """Take out letters that came too late, as whoever has the lead has worked on it since; return their ids.

    One question for the whole batch, about those only that waited long.
    """
    now = shift.tools.clock()
    old = {
        lead_id: key
        for lead_id, pile in piles.items()
        for each in pile
        if now - each.received_at > FRESH and (key := routing.lapsed(each.event))
    }
    if not old:
        return []
    with shift.read() as connection:
        known = decisions.by_keys(connection, shift.install.id, shift.seal, list(old.values()))
    acts = deeds.acted(shift, {lead_id: known[key] for lead_id, key in old.items() if key in known})
    done: list[int] = []
    for lead_id, acted in acts.items():
        if acted.act not in deeds.WORKED:
            continue
        late = [each for each in piles[lead_id] if routing.lapsed(each.event)]
        log.info("somebody has acted", install=shift.install.id, event_key=late[0].event.key, act=acted.act)
        done += [each.id for each in late]
        piles[lead_id] = [each for each in piles[lead_id] if each not in late]
        if not piles[lead_id]:
            del piles[lead_id]
    return done


def lapse(pile: Sequence[Letter], ground: Ground, *, now: datetime) -> None:
    """End what somebody let lapse before the lead is decided about. They have had their turn: it does not go back."""
    lead_id = pile[0].event.record_id
    for letter in pile:
        held = holding(ground.rows.get(lead_id, ()))
        # Who got the lead after the timer fired has let nothing lapse.
        if held is not None and routing.lapsed(letter.event) and held.at <= letter.event.at:
            ground.lose(lead_id, "timed out", now, gives_back=False)
