"""Two hundred merges and their undoing: record by record, all is as it was, and few calls were made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from connector.salesforce.gateway import SalesforceCrm
from rules.actions import Merge, Snapshot
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.merges import merge, merging, state, taken, undo

CITIES = ("Roma", "Köln", "São Paulo", "Zürich", None)
Order = tuple[str, Snapshot, Merge]
MERGE_CALLS, UNDO_CALLS = 16, 32
"""The most calls that a hundred merges of two to four leads may cost, snapshots included, and their undoing."""


class Crowd:
    """Makes people with all that hangs on them, by a seed."""

    def __init__(self, org: LocalOrg, seed: int) -> None:
        self.org = org
        self.random = random.Random(seed)
        self.users = [org.user(LastName=f"Owner {number}") for number in range(3)]
        self.accounts = org.load("Account", [{"Name": f"Muster {number}"} for number in range(5)])
        self.campaigns = org.load("Campaign", [{"Name": f"Fair {number}"} for number in range(3)])
        self.files = org.load("ContentDocument", [{"Title": f"File {number}"} for number in range(3)])
        deals = [
            {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2027-01-01", "AccountId": one}
            for one in self.accounts
        ]
        self.deals = org.load("Opportunity", deals)

    def people(self, kind: str, count: int) -> list[str]:
        """Make records of one kind with random fields and owners."""
        rows = []
        for number in range(count):
            row: dict[str, Any] = {
                "LastName": f"Person {number}",
                "OwnerId": self.random.choice(self.users),
                "Email": self.random.choice([f"p{number}@example.com", None]),
                "Phone": self.random.choice(["+49 30 1234567", None]),
                "DoNotCall": self.random.random() < 0.3,
                "Description": self.random.choice(["  two\nlines & <more> ", None]),
            }
            city = {"City": self.random.choice(CITIES), "Company": "Muster", "AnnualRevenue": 1000 * number}
            desk = {"MailingCity": self.random.choice(CITIES), "AccountId": self.random.choice(self.accounts)}
            rows.append(row | (city if kind == "Lead" else desk))
        ids = self.org.load(kind, rows)
        for name, related in self._related(kind, ids).items():
            self.org.load(name, related)
        return ids

    def _related(self, kind: str, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        def some(share: float) -> list[str]:
            return [one for one in ids if self.random.random() < share]

        link = "LeadId" if kind == "Lead" else "ContactId"
        found: dict[str, list[dict[str, Any]]] = {
            "Task": [{"WhoId": one, "Subject": "Call", "OwnerId": self.users[0]} for one in some(0.7)],
            "Event": [{"WhoId": one, "Subject": "Visit", "OwnerId": self.users[1]} for one in some(0.3)],
            "Note": [{"ParentId": one, "Title": "Note", "Body": "said so"} for one in some(0.3)],
            "CampaignMember": [
                {"CampaignId": each, link: one, "Status": "Responded"} for each in self.campaigns for one in some(0.4)
            ],
            "ContentDocumentLink": [
                {"ContentDocumentId": each, "LinkedEntityId": one} for each in self.files for one in some(0.3)
            ],
        }
        lookup = "Lead__c" if kind == "Lead" else "Contact__c"
        found["Routing_Audit__c"] = [{lookup: one, "Decision_Key__c": f"a-{one}", "Record_Id__c": one} for one in ids]
        if kind == "Contact":
            found["OpportunityContactRole"] = [
                {"OpportunityId": each, "ContactId": one, "Role": "Evaluator"}
                for each in self.deals
                for one in some(0.2)
            ]
        return found

    def orders(self, kind: str, count: int) -> list[Order]:
        """Make pairs and threesomes to be merged, with values that the survivors get."""
        ours: Any = kind.lower()
        sizes = [self.random.choice([2, 2, 2, 3, 4]) for _ in range(count)]
        ids = iter(self.people(kind, sum(sizes)))
        made = []
        for size in sizes:
            survivor, *losers = [next(ids) for _ in range(size)]
            values: dict[str, Any] = {"phone": "+39 06 7654321", "donotcall": True, "description": None}
            owner = self.random.choice([*self.users, ""])
            made.append(merging((ours, survivor), [(ours, one) for one in losers], values=values, owner_id=owner))
        return made


def merged(crm: SalesforceCrm, orders: Sequence[Order]) -> list[str]:
    return [each.status for each in merge(crm, *orders)]


def undone(crm: SalesforceCrm, orders: Sequence[Order]) -> list[tuple[str, tuple[str, ...]]]:
    """Undo fifty at a time; return what became of each, and what is left."""
    works = [undo(order) for order in orders]
    effects = [one for start in range(0, len(works), 50) for one in crm.apply("unmerge", works[start : start + 50])]
    return [(each.status, taken(each).left) for each in effects]


def test_two_hundred_merges_and_their_undoing_leave_everything_as_it_was_at_few_calls(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    crowd = Crowd(org, seed=7)
    leads, contacts = crowd.orders("Lead", 100), crowd.orders("Contact", 100)
    before = state(org)
    assert merged(crm, contacts) == ["done"] * 100
    start = crm.calls
    assert merged(crm, leads) == ["done"] * 100
    assert crm.calls - start <= MERGE_CALLS
    assert len(state(org)["Lead"]) < len(before["Lead"])
    assert undone(crm, contacts) == [("done", ())] * 100
    start = crm.calls
    assert undone(crm, leads) == [("done", ())] * 100
    assert crm.calls - start <= UNDO_CALLS
    after = state(org)
    for name, rows in before.items():
        assert after[name] == rows, name
    assert undone(crm, leads[:50]) == [("already", ())] * 50
    assert state(org) == before
