"""Performing: all of it once, whatever happened before; the same sentences for the fake and both real adapters."""

from __future__ import annotations

from dataclasses import replace

from connector.crm import Crm
from rules.model import AUDIT, Assign, Notify
from tests.contract.decisions import DONE, decision, ignored, perform, refused, statuses, work
from tests.contract.place import Place

ACTIONS = {"assign", "link", "stamp", "task", "notify"}
EVERYTHING = ACTIONS | {AUDIT}


def test_a_batch_is_owned_linked_stamped_told_and_audited(place: Place, crm: Crm) -> None:
    account = place.account("Muster", place.ana)
    batch = [
        decision(place.lead(last_name=f"Batch {number}"), owner, account_id=account)
        for number, owner in enumerate((place.ana, place.bob))
    ]
    effects = perform(crm, *map(work, batch))
    for made in batch:
        owner = next(each.owner_id for each in made.actions if isinstance(each, Assign))
        assert statuses(effects, made) == dict.fromkeys(EVERYTHING, "done")
        landed = place.landed(made.lead.id)
        assert (landed.owner_id, landed.account_id, landed.decision) == (owner, account, made.key)
        assert (landed.tasks, landed.bells) == ((owner,), 1)
        assert landed.audits == {made.key: "assigned"}
        assert effects[(made.key, AUDIT)].ref


def test_one_action_in_several_steps_is_asked_of_its_own_step_only(place: Place, crm: Crm) -> None:
    made = decision(place.lead(last_name="Steps"), place.ana)
    for step in crm.steps:
        others = EVERYTHING - step.actions
        assert crm.apply(step.name, [work(made, others)]) == []
    assert place.landed(made.lead.id).audits == {}


def test_a_repeated_apply_doubles_nothing(place: Place, crm: Crm) -> None:
    account = place.account("Muster", place.ana)
    made = decision(place.lead(last_name="Again"), place.ana, account_id=account)
    perform(crm, work(made))
    before = place.landed(made.lead.id)
    effects = perform(crm, work(made, uncertain=EVERYTHING))
    assert place.landed(made.lead.id) == before
    found = statuses(effects, made)
    assert found["task"] == found["audit"] == "already"
    assert found["notify"] in {"already", "unknown"}
    assert {found[action] for action in ("assign", "link", "stamp")} <= DONE


def test_what_an_interrupted_attempt_left_undone_is_done(place: Place, crm: Crm) -> None:
    made = decision(place.lead(last_name="Interrupted"), place.ana)
    first, *_ = crm.steps
    crm.apply(first.name, [work(made)])
    effects = perform(crm, work(made, uncertain=first.actions))
    assert {statuses(effects, made)[action] for action in ("assign", "stamp", "task", AUDIT)} <= DONE
    landed = place.landed(made.lead.id)
    assert (landed.owner_id, landed.tasks, landed.bells) == (place.ana.id, (place.ana.id,), 1)
    assert landed.audits == {made.key: "assigned"}


def test_a_bell_that_may_have_rung_is_not_rung_again(place: Place, crm: Crm) -> None:
    made = decision(place.lead(last_name="Bell"), place.ana)
    perform(crm, work(made))
    effects = perform(crm, work(made, {Notify.key}, {Notify.key}))
    assert statuses(effects, made)["notify"] in {"already", "unknown"}
    landed = place.landed(made.lead.id)
    assert (landed.bells, len(landed.tasks)) == (1, 1)


def test_only_the_audit_is_written_when_only_that_is_pending(place: Place, crm: Crm) -> None:
    lead = place.lead(last_name="Only")
    before = place.landed(lead)
    made = decision(lead, place.ana)
    assert statuses(perform(crm, work(made, {AUDIT})), made) == {AUDIT: "done"}
    landed = place.landed(lead)
    assert landed.audits == {made.key: "assigned"}
    assert (landed.owner_id, landed.decision, landed.tasks, landed.bells) == (before.owner_id, "", (), 0)


def test_who_has_left_is_refused_in_the_crms_words_and_the_others_are_performed(place: Place, crm: Crm) -> None:
    bad = decision(place.lead(last_name="Bad"), place.gone)
    good = decision(place.lead(last_name="Good"), place.ana)
    before = place.landed(bad.lead.id)
    effects = perform(crm, work(bad), work(good))
    detail = effects[(bad.key, "assign")].detail
    assert effects[(bad.key, "assign")].status == "refused"
    assert len(detail) > 10
    for value in ("Geheim", "geheim.example", place.gone.email, "Muster"):
        assert value not in detail
    landed = place.landed(bad.lead.id)
    assert (landed.owner_id, landed.decision, landed.tasks, landed.bells) == (before.owner_id, "", (), 0)
    assert landed.audits == {bad.key: "refused"}
    assert statuses(effects, good) == dict.fromkeys(EVERYTHING - {"link"}, "done")
    assert place.landed(good.lead.id).owner_id == place.ana.id


def test_what_was_refused_is_done_once_when_a_person_tries_again(place: Place, crm: Crm) -> None:
    made = decision(place.lead(last_name="Retried"), place.ana)
    perform(crm, work(made, {AUDIT}))
    rest = ACTIONS - {"link"}
    for uncertain in (set[str](), rest):
        effects = perform(crm, work(made, rest, uncertain))
        assert not refused(effects, work(made))
    landed = place.landed(made.lead.id)
    assert (landed.owner_id, landed.decision, landed.tasks) == (place.ana.id, made.key, (place.ana.id,))
    assert (landed.bells, len(landed.audits)) == (1, 1)


def test_an_audit_says_how_it_ended_after_a_retry(place: Place, crm: Crm) -> None:
    made = decision(place.lead(last_name="Told anew"), place.ana)
    perform(crm, work(replace(made, outcome="refused"), {AUDIT}))
    assert place.landed(made.lead.id).audits == {made.key: "refused"}
    audit = {AUDIT} if "audits_anew" in crm.can else set[str]()
    perform(crm, work(made, (ACTIONS - {"link"}) | audit, audit))
    landed = place.landed(made.lead.id)
    assert (landed.owner_id, landed.audits) == (place.ana.id, {made.key: "assigned"})


def test_a_lead_deleted_after_the_decision_is_refused_and_audited(place: Place, crm: Crm) -> None:
    here = decision(place.lead(last_name="Here"), place.ana)
    made = decision(place.lead(last_name="Deleted"), place.ana)
    place.delete(made.lead.id)
    effects = perform(crm, work(made), work(here))
    assert effects[(made.key, "assign")].status == "refused"
    assert effects[(made.key, AUDIT)].status == "done"
    assert place.landed(made.lead.id).audits == {made.key: "refused"}
    assert place.landed(here.lead.id).audits == {here.key: "assigned"}


def test_the_audit_of_a_lead_that_is_gone_is_written_all_the_same(place: Place, crm: Crm) -> None:
    lead = place.lead(last_name="Ghost")
    place.delete(lead)
    made = ignored(lead)
    assert statuses(perform(crm, work(made)), made) == {AUDIT: "done"}
    assert statuses(perform(crm, work(made, uncertain={AUDIT})), made) == {AUDIT: "already"}
    assert place.landed(lead).audits == {made.key: "ignored"}
