"""Who of those that can take a lead gets it: sticky, fewest open leads, best fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rules.model import Value
from rules.parts import Member
from rules.pools import shares
from tests.rules.desks import USERS, desk, mail, pool, run, turn


def test_sticky_gives_it_to_the_latest_of_the_neighbours_who_can_take_it() -> None:
    of = pool("ana", "bob", "cem", sticky=True)
    found = turn(of, desk(neighbours=("gone", "cem", "bob"), refused=frozenset({"cem"})))
    assert (found.member_id, found.how) == ("bob", "account")
    assert turn(of, desk(neighbours=("gone",))).how == "turn"
    assert turn(replace(of, sticky=False), desk(neighbours=("bob",))).member_id == "ana"


def test_a_sticky_lead_costs_a_turn() -> None:
    of = pool("ana", "bob", "cem", sticky=True)
    found = turn(of, desk(neighbours=("cem",)))
    assert [share.got for share in shares(found.after)] == [0, 0, 1]
    assert [share.entitled for share in shares(found.after)] == pytest.approx([1 / 3] * 3)
    assert run(of, 3, found.after)[0] == ["ana", "bob", "ana"]


def test_fewest_open_leads_goes_by_weight_and_then_by_turns() -> None:
    of = pool(Member(mail("ana"), weight=2), "bob", "cem", by="fewest open leads")
    found = turn(of, desk(open_leads={"ana": 4, "bob": 3, "cem": 2}))
    assert (found.member_id, found.how) == ("ana", "fewest")
    again = turn(of, desk(open_leads={"ana": 4, "bob": 3, "cem": 2}, rotation={"P": found.after}))
    assert again.member_id == "cem"
    assert turn(of, desk(open_leads={"ana": 7, "bob": 3, "cem": 4})).member_id == "bob"
    assert Counter(run(of, 8)[0]) == {"ana": 4, "bob": 2, "cem": 2}


def fitted(wanted: Mapping[str, Value], **rest: Any) -> tuple[str, str]:
    members = (
        Member(mail("ana"), skills=("fr", "Security")),
        Member(mail("bob"), skills=("de-AT", "Germany", "banking")),
        Member(mail("cem"), skills=("Português", "DE", "webinar")),
        Member(mail("dia")),
    )
    found = turn(pool(*members, by="best fit", **rest), desk(facts=wanted))
    return found.member_id, found.how


@pytest.mark.parametrize("language", ["fr", "fr-FR", "fr_CA", "French", "français", "FRENCH"])
def test_a_language_is_one_in_any_spelling_and_country(language: str) -> None:
    assert fitted({"lead.language": language}) == ("ana", "fit")


def test_the_one_takes_it_who_covers_most() -> None:
    assert fitted({"lead.language": "de", "lead.country": "Deutschland"}) == ("bob", "fit")
    assert fitted({"lead.country": "DE", "lead.source": "Webinar"}) == ("cem", "fit")
    assert fitted({"lead.language": "Portuguese (Brazil)"}) == ("cem", "fit")
    assert fitted({"lead.product": "Hosting;SECURITY"}) == ("ana", "fit")


def test_two_small_letters_are_a_language_and_no_country() -> None:
    assert fitted({"lead.country": "France"}) == ("ana", "turn")
    members = (Member(mail("ana"), skills=("fr",)), Member(mail("bob"), skills=("FR",)))
    assert turn(pool(*members, by="best fit"), desk(facts={"lead.country": "France"})).member_id == "bob"


def test_when_nobody_covers_anything_all_take_turns() -> None:
    assert fitted({"lead.language": "Japanese"}) == ("ana", "turn")
    assert fitted({}) == ("ana", "turn")


def test_a_pool_may_name_the_fields_that_count() -> None:
    wanted = {"lead.language": "French", "lead.Sprache__c": "x", "lead.Preferred_Language__c": "German"}
    assert fitted(wanted) == ("ana", "fit")
    assert fitted(wanted, fit=("lead.Preferred_Language__c",)) == ("bob", "fit")


def test_equally_fit_members_take_turns_and_the_others_accrue_nothing() -> None:
    fluent = [Member(mail(name), weight, skills=("fr",)) for name, weight in (("ana", 2), ("bob", 1))]
    of = pool(*fluent, "cem", by="best fit")
    found, standing = run(of, 9, facts={"lead.language": "fr"})
    assert Counter(found) == {"ana": 6, "bob": 3}
    assert standing["cem"] == {"due": 0, "got": 0, "entitled": 0}
    mixed, _ = run(of, 8, standing, facts={})
    assert Counter(mixed) == {"ana": 4, "bob": 2, "cem": 2}


def test_who_names_no_language_speaks_that_of_their_user() -> None:
    users = {
        address: replace(user, language="de-AT" if user.id == "bob" else "fr-CA" if user.id == "cem" else "en")
        for address, user in USERS.items()
    }
    members = (Member(mail("ana"), skills=("fr",)), Member(mail("bob"), skills=("banking",)), Member(mail("cem")))
    of = pool(*members, by="best fit")

    def fitting(language: str, standing: Any = None) -> str:
        return turn(of, desk(users=users, facts={"lead.language": language}, rotation=standing or {})).member_id

    assert fitting("German") == "bob"
    assert fitting("fr") == "ana"
    assert fitting("fr", {"P": turn(of, desk(users=users, facts={"lead.language": "fr"})).after}) == "cem"
    english = turn(of, desk(users=users, facts={"lead.language": "en"}))
    assert (english.member_id, english.how) == ("ana", "turn"), "Ana names a language, so hers is not English"
    named = turn(replace(of, fit=("lead.country",)), desk(users=users, facts={"lead.language": "de"}))
    assert named.how == "turn"
