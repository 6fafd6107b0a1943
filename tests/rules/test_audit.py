from __future__ import annotations

import json
from datetime import date, timedelta

from rules import audit
from rules.decide import ignore
from rules.model import ActionResult
from tests.rules.make import NOW, USERS, account, decided, lead, scene
from tests.rules.test_decide import RULES


def test_the_audit_row_has_the_columns_people_report_on() -> None:
    who = lead(email="x@acme.com", name="Ana Lima", company="Acme")
    others = [lead("L0", age=5, owner="U3", email="y@acme.com")]
    customer = account(name="Acme", website="acme.com", type="Customer")
    decision = decided(who, scene(RULES), accounts=[customer], duplicates=others)
    row = audit.entry(decision, users=USERS)
    assert (row.key, row.lead_id, row.account_id, row.assignee_id) == (decision.key, "L1", "A1", "U2")
    assert (row.previous_owner_id, row.outcome, row.mode, row.rule) == ("U9", "assigned", "act", "Existing customer")
    assert (row.match_status, row.duplicate_status, row.duplicate_of) == ("matched", "different", None)
    assert row.title == "Ana Lima, Acme → Bob"
    assert row.latency_ms == 2000
    assert row.reason in row.story
    assert row.confidence == decision.match.confidence


def test_the_detail_is_compact_json_that_holds_all_of_the_decision() -> None:
    who = lead(email="x@acme.com", employees=3, last_seen=date(2026, 1, 31))
    decision = decided(
        who,
        scene(RULES),
        accounts=[account("A1", name="Acme", website="acme.com"), account("A2", name="Acme Two", website="acme.com")],
        duplicates=[lead("L0", age=5, owner="U4", email="x@acme.com")],
    )
    results = [ActionResult("assign", "done", ref="L1"), ActionResult("task", "refused", detail="No access.")]
    text = audit.detail(decision, results)
    told = json.loads(text)
    assert text == json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    assert told["v"] == audit.VERSION == 2
    assert told["inputs"] == {"email": "x@acme.com", "employees": 3, "last_seen": "2026-01-31"}
    assert told["duplicate"] == {
        "status": "same",
        "kind": "lead",
        "id": "L0",
        "owner": "U4",
        "evidence": [[clue.kind, clue.weight] for clue in decision.duplicate.evidence],
        "confidence": decision.duplicate.confidence,
    }
    assert told["duplicate"]["evidence"][0][0] == "same_email"
    assert told["duplicate"]["confidence"] >= 0.999
    assert {other["id"] for other in [told["match"]["account"], *told["match"]["others"]] if other} == {"A1", "A2"}
    best = decision.match.runners_up[0]
    assert told["match"]["others"][0]["evidence"] == [[clue.kind, clue.weight] for clue in best.evidence]
    assert "same_host" in dict(told["match"]["others"][0]["evidence"])
    assert told["rules"][0] == ["Known person", True, "Gustavo is not active", ""]
    route = {"rule": "Rest", "target": 'pool "All"', "fallback": False, "assignee": "U1", "refused": [], "until": None}
    assert told["route"] == route
    assert (told["turn"]["how"], told["turn"]["member"], told["turn"]["after"]["U1"]["got"]) == ("turn", "U1", 1)
    assert told["timers"] == []
    assert [action["do"] for action in told["actions"]] == [action.key for action in decision.actions]
    assert told["results"] == [["assign", "done", "L1", ""], ["task", "refused", "", "No access."]]
    assert told["ruleset"] == decision.ruleset_version


def test_the_row_of_an_ignored_lead_says_why() -> None:
    decision = ignore(
        lead(), reason="The lead was deleted.", scene=scene(RULES), received_at=NOW + timedelta(1), now=NOW
    )
    row = audit.entry(decision)
    assert (row.outcome, row.reason, row.assignee_id, row.latency_ms) == ("ignored", "The lead was deleted.", None, 0)
    assert row.title == "a lead without a name → nobody"


def test_a_long_title_is_cut() -> None:
    row = audit.entry(decided(lead(name="A" * 200), scene(RULES)))
    assert len(row.title) == 80
    assert row.title.endswith("…")
