"""A worker that dies at any call of a step of a merge, and one that comes after it: all is done once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connector.errors import Later
from connector.work import Effect
from rules.actions import Merge, Snapshot, Unmerge
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.merges import key, merging, state, taken, to_do
from tests.connector.salesforce.signed_in import Memory

Order = tuple[str, Snapshot, Merge]
CALLS = {"snapshot": 4, "merge": 1, "unmerge": 9}
"""How many calls each step makes for one decision, once the org is known: a worker dies at each of them."""


class Dying:
    """Performs steps as workers do that are killed: the next attempt knows only that the step was begun."""

    def __init__(self, org: LocalOrg) -> None:
        self._org = org
        self._memo = Memory()
        self._tokens = org.sign_in()

    def perform(self, step: str, order: Order, *, call: int = -1, drop: str = "after") -> Effect:
        """Lose the answer to one call of a step (-1: to none), and go on until it is settled."""
        made, snapshot, action = order
        back = Unmerge(made, action, action.survivor.id)
        actions: dict[str, Snapshot | Merge | Unmerge] = {"snapshot": snapshot, "merge": action, "unmerge": back}
        name = key() if step == "unmerge" else made
        self._org.reset()
        if call >= 0:
            self._org.fault("services/", drop=drop, skip=call)
        begun: list[str] = []
        for _ in range(4):
            effect = self._once(step, name, actions[step], begun)
            if effect is not None and effect.status in ("done", "already"):
                return effect
            begun = [step]
        raise AssertionError(f"{step} was never settled: {effect}")

    def _once(self, step: str, name: str, action: Snapshot | Merge | Unmerge, begun: Sequence[str]) -> Effect | None:
        crm = self._org.crm(self._tokens, self._memo)
        try:
            (effect,) = crm.apply(step, [to_do(name, action, uncertain=begun)])
        except Later:
            return None
        finally:
            crm.close()
        return effect


def four_leads(org: LocalOrg, fair: str) -> Order:
    """Make a survivor and three losers with all that a merge does to them: rows move, and rows are dropped."""
    one, *others = org.leads(4)
    org.create("Task", {"Subject": "Call", "WhoId": others[1]})
    org.load("CampaignMember", [{"CampaignId": fair, "LeadId": each} for each in (one, *others[::2])])
    return merging(("lead", one), [("lead", each) for each in others], values={"city": "X"})


@pytest.mark.parametrize(
    ("step", "drop"), [("snapshot", "after"), ("merge", "before"), ("merge", "after"), ("unmerge", "after")]
)
def test_a_kill_at_any_call_of_a_step_changes_nothing_in_the_end(org: LocalOrg, step: str, drop: str) -> None:
    worker = Dying(org)
    (fair,) = org.load("Campaign", [{"Name": "Fair"}])
    first, second = four_leads(org, fair), four_leads(org, fair)
    orders = [four_leads(org, fair) for _ in range(CALLS[step])]
    before = state(org)
    for each, calls in CALLS.items():
        worker.perform(each, first)
        worker.perform(each, second)
        assert sum("services/" in call["path"] for call in org.calls()) == calls
    for each in CALLS:
        for number, order in enumerate(orders):
            effect = worker.perform(each, order, call=number if each == step else -1, drop=drop)
            if each == "merge":
                losers = [loser.id for loser in order[2].losers]
                assert taken(effect).now == dict.fromkeys(losers, order[2].survivor.id)
            assert taken(effect).left == () if each == "unmerge" else True
    assert state(org) == before


@pytest.mark.parametrize(("step", "calls"), [("merge", 5), ("unmerge", 9)])
def test_a_kill_converts_no_lead_twice_and_makes_none_twice(org: LocalOrg, step: str, calls: int) -> None:
    worker = Dying(org)
    owner = org.user()
    (account,) = org.create("Account", {"Name": "Muster"})
    orders = []
    for _ in range(calls):
        (contact,) = org.load("Contact", [{"LastName": "Ana", "AccountId": account, "OwnerId": owner}])
        (lead,) = org.leads(1, Email="ana@example.com")
        org.create("Task", {"Subject": "Call", "WhoId": lead})
        parts = {"values": {"phone": "7"}, "converts": (lead,), "account_id": account}
        orders.append(merging(("contact", contact), [("lead", lead)], **parts))
    before = state(org)
    for each in CALLS:
        for number, order in enumerate(orders):
            worker.perform(each, order, call=number if each == step else -1)
    after = state(org)
    assert after["Contact"] == before["Contact"]
    assert len(after["Lead"]) == len(before["Lead"]) + calls, "the converted one stays, a new one comes"
    told = {row["WhoId"] for row in after["Task"].values()} - {row["WhoId"] for row in before["Task"].values()}
    assert len(told) == calls
    assert told <= after["Lead"].keys() - before["Lead"].keys()
