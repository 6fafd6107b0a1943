"""An effect of which nobody knows whether it happened stays uncertain until the CRM says of this very one."""

from __future__ import annotations

from connector.errors import Later
from connector.work import Effect, Work
from rules.model import AUDIT
from tests.jobs.conftest import House


def test_a_lock_on_the_second_attempt_does_not_make_the_first_certain(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    seen: list[frozenset[str]] = []

    def lose(call: str) -> None:
        if call == "apply:record":
            raise Later("no answer came", seconds=5, applied=True)

    def lock(work: Work, action: str) -> Effect:
        seen.append(work.uncertain)
        return Effect(work.decision.key, action, "later", detail="locked", seconds=5, applied=False)

    house.crm.before = lose
    house.drain()
    house.crm.before = lambda _call: None
    house.crm.answer = lock
    for _ in range(2):
        house.later(minutes=1)
        house.drain()
    assert all(AUDIT in each for each in seen), "what was begun by the first attempt is looked for by every other"
    house.crm.answer = lambda _work, _action: None
    house.later(minutes=5)
    house.drain()
    assert [each.outcome for each in house.crm.entries.values()] == ["assigned"]
