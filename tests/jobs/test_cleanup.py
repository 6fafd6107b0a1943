"""A clean-up looks through a whole CRM, asks people, merges what it may, and can be paused, cancelled, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.rows import RuleRow
from connector.store import cleanups, decisions, pairs, progress
from connector.store.pairs import Asked, State
from connector.store.progress import Progress
from jobs import cleanup, cleanup_labels, cleanup_plans
from jobs.cleanup_estimate import estimate
from jobs.cleanup_labels import answer
from jobs.cleanup_merges import CHANGED, OBSERVES
from jobs.takeback import Scope
from rules.actions import Member
from rules.matching import calibrate
from rules.merging.plan import NOT_EDITED, Edit
from rules.model import Record, Value
from rules.ruleset import RuleSet, Source, load
from tests.jobs.conftest import START, House, Prologue
from tests.jobs.joining import JoiningCrm, joining

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What these tables do on PostgreSQL is tested with the store."""
LONG_AGO = START - timedelta(days=400)
POLICY = """
- duplicates: One person, one record
  mode: act
  objects: [lead with lead, lead with contact, contact with contact, account with account]
  convert: never
"""
KIM: dict[str, Value] = {"first_name": "Kim", "last_name": "Lee", "name": "Kim Lee"}


def has_duplicates_from_before(house: House) -> None:
    """There are duplicates from before it was connected: Kim twice for sure, Ray perhaps, and two accounts."""
    crm = joining(house)
    crm.rule_rows.append(RuleRow("One person", "duplicates", 9, POLICY.strip(), id="policy"))
    house.post(house.event("policy", kind="rule"))
    leads: dict[str, dict[str, Value]] = {
        "k1": {**KIM, "email": "kim@globex.com", "company": "Globex"},
        "k2": {**KIM, "email": "Kim@Globex.com", "title": "CEO"},
        "r1": {"name": "Ray Ito", "last_name": "Ito", "email": "ray@globex.com", "phone": "+1 650 555 0100"},
        "r2": {"name": "Ray Ito", "last_name": "Ito", "email": "ray@gmail.com", "phone": "+1 650 555 0100"},
        "s1": {"name": "Sue Ng", "last_name": "Ng", "email": "sue@nowhere.example"},
    }
    for number, (lead_id, told) in enumerate(leads.items()):
        made = LONG_AGO + timedelta(days=number)
        crm.add(Record("lead", lead_id, told, owner_id="u1", created_at=made, modified_at=made))
    for account_id, name in {"a1": "Globex Corporation", "a2": "Globex Corp."}.items():
        house.account(account_id, name=name, website="globex.com")
    house.read_all("account", "contact", "lead")
    house.later(minutes=1)


@pytest.fixture
def full(begin: Callable[[Prologue], House]) -> House:
    return begin(has_duplicates_from_before)


def rules(house: House) -> RuleSet:
    return load([Source(row.name, row.definition) for row in house.crm.rule_rows])


def begin(house: House, *, applies: bool = False) -> str:
    seal = house.tools.seal(house.install)
    told = {"by": "Ana", "applies": applies, "calls": 9, "now": house.now}
    return cleanup.ask(house.database, house.install, seal, rules(house), **told)  # type: ignore[arg-type]


def asked(house: House, state: State = "open") -> list[Asked]:
    with house.database.read() as connection:
        return pairs.open_(connection, house.install.id, house.tools.seal(house.install), limit=99, state=state)


def about(house: House, record_id: str, state: State = "open") -> Asked:
    return next(each for each in asked(house, state) if record_id in each.ids)


def stands(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


def crm_of(house: House) -> JoiningCrm:
    assert isinstance(house.crm, JoiningCrm)
    return house.crm


def scope(house: House) -> Scope:
    users = {each.id: each for each in house.crm.people}
    return Scope(
        house.database,
        house.install,
        house.tools.seal(house.install),
        crm_of(house),
        users,
        rules(house),
        house.settings,
    )


def say(house: House, each: Asked, *, same: bool, edit: Edit = NOT_EDITED) -> bool:
    edits = {each.key: replace(edit, by="Bob")} if edit != NOT_EDITED else {}
    looked = cleanup_plans.look(scope(house), [each], now=house.now, by="Bob", edits=edits)[0]
    told = {"same": same, "by": "Bob", "now": house.now, "edit": edit, "seen": looked.seen if same else ""}
    return answer(house.database, house.install.id, house.tools.seal(house.install), each, **told)  # type: ignore[arg-type]


def merged(house: House) -> list[tuple[str, list[str]]]:
    """Return which record took in which."""
    crm = crm_of(house)
    return [(crm.into[each], [each]) for each in crm.merged]


def test_a_scan_asks_about_every_set_once_and_changes_nothing(full: House) -> None:
    before = dict(full.crm.records)
    name = begin(full)
    full.drain()
    assert sorted(sorted(each.ids) for each in asked(full)) == [["a1", "a2"], ["k1", "k2"], ["r1", "r2"]]
    assert asked(full)[0].key == about(full, "k1").key, "the surest first"
    assert full.crm.records == before
    assert about(full, "k1").suggestion.names == ("Kim Lee (lead k1)", "Kim Lee (lead k2)")
    done = stands(full, name)
    assert (done.state, done.done, done.total) == ("done", 7, 7)
    assert done.reason == "3 found, 0 merged, 3 wait for a person, 0 are not the same."
    begin(full)
    full.drain()
    assert len(asked(full)) == 3


def test_what_is_surely_the_same_is_merged_by_a_run_that_applies(full: House) -> None:
    name = begin(full, applies=True)
    full.drain()
    assert merged(full) == [("k1", ["k2"])]
    assert full.crm.records["lead", "k1"].text("title") == "CEO"
    assert sorted(sorted(each.ids) for each in asked(full)) == [["a1", "a2"], ["r1", "r2"]]
    full.later(seconds=10)
    full.drain()
    assert about(full, "k1", "merged").run == name
    with full.database.read() as connection:
        run = cleanups.get(connection, full.install.id, full.tools.seal(full.install), name)
        keys = pairs.merged_by(connection, full.install.id, name)
        stored = decisions.by_keys(connection, full.install.id, full.tools.seal(full.install), keys)
    assert run is not None
    assert run.counts == {"found": 3, "new": 3, "merges": 1}
    assert [each.decision.outcome for each in stored.values()] == ["merged"]
    assert [each.state for each in stored.values()] == ["settled"]


def test_a_policy_that_only_suggests_merges_nothing_by_itself(full: House) -> None:
    full.mode("suggest")
    full.install = replace(full.install, mode="suggest")
    begin(full, applies=True)
    full.drain()
    assert merged(full) == []
    assert len(asked(full)) == 3


def test_what_a_person_accepts_is_merged_where_the_connection_suggests(full: House) -> None:
    full.mode("suggest")
    full.install = replace(full.install, mode="suggest")
    begin(full)
    full.drain()
    assert say(full, about(full, "r1"), same=True)
    full.drain()
    assert merged(full) == [("r1", ["r2"])]


def test_enough_answers_bend_the_probabilities(full: House) -> None:
    seal, install_id = full.tools.seal(full.install), full.install.id
    with full.database.write() as connection:
        before = cleanup_labels.learned(connection, install_id, seal)
        for number in range(calibrate.ENOUGH):
            told = [Member("lead", f"{side}{number}") for side in "xy"]
            right = number % 4 == 0
            pairs.label(connection, install_id, seal, told, same=right, by="Ana", at=full.now, log_odds=2.0)
        after = cleanup_labels.learned(connection, install_id, seal)
    assert (before.people, after.people.reviews) == (calibrate.IDENTITY, calibrate.ENOUGH)
    assert after.people.probability(0.88) < 0.6, "three of four were wrong"
    assert after.companies == calibrate.IDENTITY, "of accounts nothing was said"


def test_what_a_person_accepts_is_merged_as_they_saw_it(full: House) -> None:
    begin(full)
    full.drain()
    assert say(full, about(full, "r1"), same=True, edit=Edit(survivor_id="r2", values_from={"email": "r1"}))
    full.drain()
    assert merged(full) == [("r2", ["r1"])]
    assert full.crm.records["lead", "r2"].text("email") == "ray@globex.com"
    entry = next(each for each in full.crm.entries.values() if each.outcome == "merged")
    assert "Bob" in entry.story


def test_of_two_who_click_at_once_the_first_is_heard(full: House) -> None:
    begin(full)
    full.drain()
    seen = about(full, "r1")
    assert say(full, seen, same=False)
    assert not say(full, seen, same=True)
    full.drain()
    assert merged(full) == []


def test_a_rejected_pair_is_told_to_the_crm_and_never_found_again(full: House) -> None:
    begin(full)
    full.drain()
    assert say(full, about(full, "k1"), same=False)
    full.drain()
    told = [each for each in full.crm.entries.values() if each.key.startswith("apart:")]
    assert [(each.lead_id, each.duplicate_of, each.duplicate_status) for each in told] == [("k1", "k2", "different")]
    assert "Bob said: this is not the same as Kim Lee" in told[0].reason
    begin(full, applies=True)
    full.drain()
    assert merged(full) == []


def test_a_record_that_changed_after_the_answer_is_asked_about_again(full: House) -> None:
    begin(full)
    full.drain()
    assert say(full, about(full, "r1"), same=True)
    lead = full.crm.records["lead", "r1"]
    full.crm.add(replace(lead, fields={**lead.fields, "title": "CFO"}), replace(full.crm.records["lead", "r2"], fields={
        **full.crm.records["lead", "r2"].fields, "website": "ito.example"}))  # fmt: skip
    full.drain()
    assert merged(full) == []
    assert about(full, "r1").suggestion.why == (CHANGED,)


def test_a_record_that_is_gone_ends_the_question(full: House) -> None:
    begin(full)
    full.drain()
    assert say(full, about(full, "r1"), same=True)
    del full.crm.records["lead", "r2"]
    full.drain()
    assert merged(full) == []
    assert about(full, "r1", "gone").decision == ""


def test_a_connection_that_observes_merges_nothing_that_was_accepted(full: House) -> None:
    begin(full)
    full.drain()
    assert say(full, about(full, "r1"), same=True)
    full.mode("observe")
    full.install = replace(full.install, mode="observe")
    full.drain()
    assert merged(full) == []
    assert about(full, "r1").suggestion.why == (OBSERVES,)


def test_it_rests_where_it_stood_and_goes_on_from_there(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "PAGE", 2)
    name, real, places = begin(full), cleanup.page, []

    def once(*told: object) -> None:
        real(*told)  # type: ignore[arg-type]
        places.append(stands(full, name).done)
        with full.database.write() as connection:
            cleanup.pause(connection, full.install.id, name, now=full.now)

    monkeypatch.setattr(cleanup, "page", once)
    full.drain()
    full.drain()
    assert (stands(full, name).state, places) == ("paused", [2])
    monkeypatch.setattr(cleanup, "page", real)
    with full.database.write() as connection:
        assert cleanup.resume(connection, full.install.id, name, now=full.now)
    full.drain()
    assert (stands(full, name).state, stands(full, name).done) == ("done", 7)
    assert len(asked(full)) == 3


def test_a_worker_that_dies_between_two_pages_loses_and_doubles_nothing(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "PAGE", 2)
    name, real, left = begin(full, applies=True), cleanup.page, [1]

    def dies(*told: object) -> None:
        if not left[0]:
            left[0] = 1
            raise RuntimeError("the worker dies")
        left[0] -= 1
        real(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(cleanup, "page", dies)
    for _ in range(40):
        full.drain()
        full.later(minutes=2)
        if stands(full, name).state == "done":
            break
    assert stands(full, name).state == "done"
    assert merged(full) == [("k1", ["k2"])]
    assert len(asked(full)) == 2


def test_a_cancelled_run_ends_and_forgets_what_it_had_not_asked(full: House) -> None:
    name = begin(full)
    with full.database.write() as connection:
        assert cleanup.cancel(connection, full.install.id, name, now=full.now)
    full.drain()
    assert asked(full) == []
    assert (stands(full, name).state, stands(full, name).reason) == ("done", cleanup.CANCELLED)


def test_only_one_runs_at_a_time_and_none_before_the_index_is_complete(full: House) -> None:
    begin(full)
    with pytest.raises(cleanup.NotNow, match="under way"):
        begin(full)
    full.drain()
    with full.database.write() as connection:
        progress.start(connection, full.install.id, "backfill:lead", now=full.now)
    with pytest.raises(cleanup.NotNow, match="not complete"):
        begin(full)


def test_the_estimate_tells_what_a_run_would_find(full: House) -> None:
    seal = full.tools.seal(full.install)
    with full.database.read() as connection:
        found = estimate(connection, full.install, seal, rules(full), full.settings, now=full.now)
    assert (found.records, found.sampled, found.sets, found.sure) == (7, 7, 3, 1)
    assert found.merging == 4
    assert found.fits


def test_labels_are_found_in_the_crm_when_our_database_was_lost(full: House) -> None:
    begin(full)
    full.drain()
    say(full, about(full, "k1"), same=False)
    full.drain()
    with full.database.read() as connection:
        records = [full.crm.records["lead", each] for each in ("k1", "k2")]
        seal = full.tools.seal(full.install)
        stamped = [replace(each, fields={**each.fields, "decision": f"lost-{each.id}"}) for each in records]
        assert cleanup_labels.forgotten(connection, full.install.id, seal, records) == []
        lost = cleanup_labels.forgotten(connection, full.install.id, seal, stamped)
    told = cleanup_labels.remembered(crm_of(full), lost)
    assert [({one.id for one in each.records}, each.verdict) for each in told] == [({"k1", "k2"}, "different")]
