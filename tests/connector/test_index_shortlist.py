"""Shortlists: the likeliest accounts of a lead, ranked before they are unsealed; what is common says nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event

from connector.index import KEY_CAP, SHORTLIST, Index
from connector.index.marks import TAG
from connector.store import postings
from connector.store.base import Database
from rules.matching.profile import profile
from rules.matching.ranking import Shortlist
from rules.model import Record
from tests.connector.kit import account, ids, index, lead
from tests.connector.store.kit import Tenant, tenant


@pytest.fixture
def alice(database: Database) -> Tenant:
    return tenant(database, "alice")


def test_the_accounts_of_a_lead_are_those_that_share_the_most(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        near, far = account("near"), account("far", name="Globex Garden Centre", website="")
        mine.put([far, near, account("other", name="Initech", website="initech.example"), lead("x"), lead("y")])
        assert ids(mine, lead()) == ["near", "far"]
        assert ids(mine, lead("l2", email="a@initech.example", company="")) == ["other"]
        assert ids(mine, lead("l3", email="")) == ["near", "far"]
        assert mine.accounts([]) == {}
        assert mine.accounts([lead("bare", email="", company="")])["bare"].profiles == ()


def test_a_shortlist_holds_what_the_accounts_say(database: Database, alice: Tenant) -> None:
    told = account(city="Springfield", country="US", phone="+1 212 555 0123", parent_id="a9")
    with index(database, alice) as mine:
        mine.put([told])
        assert mine.accounts([lead()])["l1"].profiles == (profile(told),)


def test_it_says_how_rare_the_words_and_domains_are(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1", name="Globex Garden"), account("a2", name="Globex Foods", website="")])
        mine.put([account("a3", name="Initech", website="")])
        rarity = mine.accounts([lead(company="Globex Initech")])["l1"].rarity
        assert rarity.accounts == 3
        assert rarity.counts == {
            "word:globex": 2, "word:initech": 1, "word:garden": 1, "word:foods": 1, "domain:globex.com": 1
        }  # fmt: skip
        mine.remove("account", ["a2"])
        rarity = mine.accounts([lead(company="Globex Initech")])["l1"].rarity
        assert (rarity.accounts, rarity.counts["word:globex"]) == (2, 1)
        assert "word:foods" not in rarity.counts


def test_an_account_at_the_leads_place_stands_before_one_elsewhere(database: Database, alice: Tenant) -> None:
    places = {
        "far": ("Germany", "Ulm"),
        "near": ("France", "Lyon"),
        "there": ("France", "Paris"),
        "who knows": ("", ""),
    }
    with index(database, alice) as mine:
        mine.put([account(id_, website="", country=where[0], city=where[1]) for id_, where in places.items()])
        asked = lead(email="", country="FR", city="Paris")
        tags = {mine._accounts()._place(profile(each)).countries for each in mine.get("account", [*places]).values()}
        found = ids(mine, asked)
        if len(tags) == 3:  # by 8 bits two countries may look alike
            assert found[0] == "there"
            assert found[-1] == "far" or "far" not in found, "who promises much less may be left aside"
        assert {"there", "near", "who knows"} <= set(found), "ranked, not filtered"


def test_the_linked_account_is_on_the_list_whatever_it_shares(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("linked", name="Initech", website="initech.example")])
        assert ids(mine, lead(account_id="linked")) == ["a1", "linked"]
        assert ids(mine, lead(account_id="a1")) == ["a1"], "once, not twice"
        assert ids(mine, lead(account_id="gone")) == ["a1"], "one that the index does not know is left out"


def test_contacts_bring_their_account_to_leads_with_their_domain(database: Database, alice: Tenant) -> None:
    people = [lead(f"c{n}", "contact", email=f"p{n}@mail.example", account_id="b" if n else "a1") for n in range(3)]
    with index(database, alice) as mine:
        mine.put([account("a1"), account("b", name="Umbrella", website=""), *people])
        mine.put([lead("c8", "contact", email="kim@gmail.com", account_id="b"), lead("c9", "contact", account_id="")])
        asked = lead(email="ana@mail.example", company="Globex")
        found = mine.accounts([asked])["l1"]
        assert [each.id for each in found.profiles] == ["a1", "b"]
        assert found.contacts == {"a1": 1, "b": 2}
        assert mine.accounts([lead("l2", email="ana@gmail.com", company="")])["l2"].contacts == {}, "free mail"
        mine.put([lead("c1", "contact", email="p1@mail.example", account_id="a1")])
        mine.remove("contact", ["c2"])
        assert mine.accounts([asked])["l1"].contacts == {"a1": 2}
        mine.put([lead(f"d{n}", "contact", email=f"d{n}@mail.example", account_id="a1") for n in range(KEY_CAP)])
        assert mine.accounts([asked])["l1"].contacts == {"a1": KEY_CAP}, "no more is said"


def contact(contact_id: str, account_id: str = "a1", domain: str = "mail.example", **more: Any) -> Record:
    return lead(contact_id, "contact", email=f"{contact_id}@{domain}", account_id=account_id, **more)


def test_an_account_learns_a_mail_domain_by_the_first_contact_that_uses_it(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("a2"), contact("c1"), contact("c2", "a2", "other.example")])
        learned: dict[str, list[Record]] = {
            "": [contact("c3"), contact("c1", title="CEO"), lead("l9", email="kim@new.example")],
            "of another account": [contact("c3", "a2")],
            "by a move": [contact("c1", "a2")],
            "by another address": [contact("c1", domain="new.example")],
            "free mail": [contact("c3", domain="gmail.com")],
            "without an account": [contact("c3", "", "new.example")],
            "of a person account": [contact("c3", domain="new.example", person=True)],
            "two at once": [contact("c3", domain="new.example"), contact("c4", "a2"), contact("c5", "a2")],
        }
        found = {why: sorted(mine.learned(mine.prepare(records))) for why, records in learned.items()}
        assert found == {
            "": [],
            "of another account": ["mail.example"],
            "by a move": ["mail.example"],
            "by another address": ["new.example"],
            "free mail": [],
            "without an account": [],
            "of a person account": [],
            "two at once": ["mail.example", "new.example"],
        }
        assert mine.learned(mine.prepare([], [("contact", "c1")])) == frozenset(), "one that goes teaches nothing"
        mine.renew()
        assert mine.learned(mine.prepare([contact("c3"), contact("c1")])) == frozenset(), "an older book knows it"


def test_a_domain_that_very_many_accounts_have_contacts_of_teaches_nothing(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([contact(f"c{n}", f"a{n}") for n in range(KEY_CAP)])
        assert mine.learned(mine.prepare([contact("new", "b")])) == {"mail.example"}
        mine.put([contact("one", "more")])
        assert mine.learned(mine.prepare([contact("new", "b")])) == frozenset()


def test_leads_are_found_by_mail_domains_alone(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([lead("l1", email="ana@mail.example"), lead("l2", company="Other"), lead("l3", converted=True)])
        assert mine.leads_of([], ["mail.example", "nobody.example"]) == {"l1": frozenset()}
        assert mine.leads_of([profile(account("a1"))], ["mail.example", "globex.com"]) == {
            "l1": frozenset({"a1"}),
            "l2": frozenset({"a1"}),
        }


def test_a_contact_has_a_shortlist_too_and_an_account_one_of_others(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put(
            [account("a1"), account("a2", name="Globex GmbH", website=""), account("a3", name="Initech", website="")]
        )
        assert ids(mine, lead("c1", "contact")) == ["a1", "a2"]
        assert [each.id for each in mine.alike([account("a1")])["a1"].profiles] == ["a2"]
        assert mine.alike([account("new", name="Umbrella", website="")])["new"].profiles == ()


@pytest.mark.parametrize(("sharing", "found"), [(KEY_CAP, SHORTLIST), (KEY_CAP + 1, 0)])
def test_a_key_that_too_many_share_says_nothing(database: Database, alice: Tenant, sharing: int, found: int) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{number:03}", name="", website="globex.com") for number in range(sharing)])
        shortlist = mine.accounts([lead(company="")])["l1"]
    assert len(shortlist.profiles) == found
    assert shortlist.rarity.sharing("globex.com") == sharing, "counted all the same"


def test_who_is_on_a_list_of_equals_does_not_depend_on_the_order_they_came_in(
    database: Database, alice: Tenant
) -> None:
    many = [account(f"a{number:03}", website="") for number in range(40)]
    with index(database, alice) as mine:
        mine.put(many)
        first = ids(mine, lead())
        ties = [mine._seal.hash(f"tie:{each.id}") & (1 << TAG) - 1 for each in many]
        mine.remove("account", [each.id for each in many])
        for each in reversed(many):
            mine.put([each])
        again = ids(mine, lead())
    assert len(first) == SHORTLIST
    chosen = sorted(zip(ties, (each.id for each in many), strict=True))
    if chosen[SHORTLIST - 1][0] != chosen[SHORTLIST][0]:  # one pair of accounts in 256 has one tag
        assert {*again} == {*first} == {id_ for _, id_ in chosen[:SHORTLIST]}


def test_the_cap_counts_accounts_only(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([lead(f"l{number:03}", email="info@globex.com") for number in range(KEY_CAP + 1)])
        mine.put([account("a1", name="", website="globex.com")])
        assert ids(mine, lead("new")) == ["a1"]


def test_a_batch_of_leads_asks_no_more_often_than_one(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{number}", name=f"Firm {number}", website=f"f{number}.example") for number in range(60)])
    leads = [lead(f"l{number}", email=f"x@f{number}.example", company="") for number in range(60)]
    asked = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with index(database, alice) as mine:
        mine.accounts(leads[:1])
        one = [each for each in asked if "index_" in each]
        asked.clear()
        found = mine.accounts(leads)
    many = [each for each in asked if "index_" in each]
    assert len(many) <= len(one) <= 6
    assert {lead_id: each.profiles[0].id for lead_id, each in found.items()} == {f"l{n}": f"a{n}" for n in range(60)}


def test_no_more_than_the_shortlist_is_unsealed(
    database: Database, alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{number:03}", website="") for number in range(50)])
    read: list[int] = []
    plain = postings.profiles

    def watched(connection: Connection, wanted: Collection[int]) -> list[Any]:
        read.extend(wanted)
        return plain(connection, wanted)

    monkeypatch.setattr(postings, "profiles", watched)
    with database.read() as connection:
        found = Index(connection, alice.id, alice.seal).accounts([lead()])["l1"]
    assert len(read) == len(found.profiles) == SHORTLIST


def test_an_index_without_anything_has_empty_shortlists(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        found = mine.accounts([lead()])
        assert {each: replace(shortlist, lead=None) for each, shortlist in found.items()} == {"l1": Shortlist()}
        assert mine.count("account") == 0
        assert mine.merge() == mine.staged == 0
