"""What holds for any lead and any accounts, found by trying thousands of them."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.match import MatchPolicy, match
from rules.matching import calibrate, ranking
from rules.matching.keys import KINDS, asked, posted
from rules.matching.profile import Profile, pack, profile, unpack
from rules.matching.ranking import Rarity, Shortlist, rank
from rules.model import Match, Record
from tests.rules.make import account, lead

POLICY = MatchPolicy()
SURE = settings(derandomize=True)
NAMES = (
    "Acme", "Acme Corp", "Acme Corporation", "Akme", "Beta", "Gamma Ltd", "Delta Dental", "Delta", "Delta Air Lines",
    "Universität Wien", "University of Vienna", "トヨタ", "トヨタ自動車株式会社", "Газпром", "Gazprom", "أرامكو",
    "Department of Physics, University of Vienna", "Banco do Brasil S.A.", "IBM", "International Business Machines",
    "n/a", "-", "",
)  # fmt: skip
SITES = (
    "acme.com",
    "www.acme.com",
    "acme.de",
    "beta.de",
    "gmail.com",
    "group.com",
    "physics.univie.ac.at",
    "univie.ac.at",
    "",
)
COUNTRIES = ("FR", "Germany", "Austria", "", "Brasil", "US")
CITIES = ("Wien", "Vienna", "Springfield", "São Paulo", "")
STATES = ("IL", "Missouri", "")
PHONES = ("+43 1 4277 0", "01 4277 17", "+1 217 555 0100", "")
PLACES = {
    "website": SITES,
    "country": COUNTRIES,
    "city": CITIES,
    "state": STATES,
    "phone": PHONES,
}


def fields(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Make the fields of one side; `name` is the field of its company."""
    told = {field: st.sampled_from(values) for field, values in PLACES.items()}
    return st.fixed_dictionaries({name: st.sampled_from(NAMES)}, optional=told)


# Made once: what hypothesis finds out about a strategy it keeps with it.
OF_LEADS, OF_BOOKS = fields("company"), st.lists(fields("name"), max_size=6)
MAIL, OWNERS, BELONGS = st.sampled_from(SITES), st.sampled_from(["U1", "U2", "U3"]), st.booleans()


@st.composite
def leads(draw: st.DrawFn) -> Record:
    told = draw(OF_LEADS)
    mail = draw(MAIL)
    return lead(**told, email=f"ana@{mail}" if mail else None)


@st.composite
def books(draw: st.DrawFn) -> list[Record]:
    """Make up to six accounts of up to three owners; some belong to the one before them."""
    found: list[Record] = []
    for at, told in enumerate(draw(OF_BOOKS)):
        above = f"A{at - 1}" if at and draw(BELONGS) else None
        found.append(account(f"A{at}", owner=draw(OWNERS), parent_id=above, **told))
    return found


HOSTILE = st.one_of(
    st.text(alphabet=st.characters(), max_size=60),
    st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Co", "Mn"]), max_size=60),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "\ud800",
            "\udfff\ud800x",
            "a" * 30_000,
            "ß " * 5_000,
            "١٢٣",
            "{0}",
            "%s",
            "a@b@c",
            "..",
            "http://",
            "😀" * 99,
        ]
    ),
)


def shortlist(*accounts: Record, rarity: Rarity | None = None) -> Shortlist:
    told = ranking.of_records(account(), accounts)
    return Shortlist(tuple(map(profile, accounts)), rarity or told.rarity)


def outcome(told: Match) -> tuple[Any, ...]:
    """Return what a match decides, without the sentences that repeat how people write."""
    best = told.account
    return (
        told.status,
        best and best.account_id,
        told.confidence,
        [(clue.kind, clue.weight) for clue in best.evidence] if best else None,
        [(other.account_id, other.confidence) for other in told.runners_up],
    )


@SURE
@given(leads(), books(), st.randoms(use_true_random=False))
def test_the_order_of_the_accounts_changes_nothing(who: Record, accounts: list[Record], random: Any) -> None:
    shuffled = list(accounts)
    random.shuffle(shuffled)
    assert match(who, accounts, policy=POLICY) == match(who, shuffled, policy=POLICY)


@SURE
@given(leads(), books(), st.randoms(use_true_random=False))
def test_the_order_of_the_fields_changes_nothing(who: Record, accounts: list[Record], random: Any) -> None:
    def turned(side: Record) -> Record:
        told = list(side.fields.items())
        random.shuffle(told)
        return Record(side.kind, side.id, dict(told), owner_id=side.owner_id, created_at=side.created_at)

    assert match(who, accounts, policy=POLICY) == match(turned(who), [turned(each) for each in accounts], policy=POLICY)


@SURE
@given(leads(), books())
def test_capitals_and_spaces_in_what_the_lead_wrote_decide_nothing(who: Record, accounts: list[Record]) -> None:
    def loud(name: str, value: Any) -> Any:
        # Capitals tell a short form from a word in "name", so that field keeps its letters.
        return f"  {value} " if name == "company" else value.upper()

    other = lead(**{name: loud(name, value) for name, value in who.fields.items()})
    assert outcome(match(who, accounts, policy=POLICY)) == outcome(match(other, accounts, policy=POLICY))


@SURE
@given(books(), st.lists(leads(), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_a_batch_changes_nothing(accounts: list[Record], batch: list[Record], random: Any) -> None:
    at = list(range(len(batch)))
    random.shuffle(at)
    first = [match(who, accounts, policy=POLICY) for who in batch]
    second = {place: match(batch[place], accounts, policy=POLICY) for place in at}
    assert first == [second[place] for place in range(len(batch))]


@SURE
@given(leads(), books())
def test_the_weights_of_the_evidence_add_up_to_the_score(who: Record, accounts: list[Record]) -> None:
    for each in rank(who, shortlist(*accounts)):
        if each.is_thinkable:
            assert sum(clue.weight for clue in each.evidence) == pytest.approx(each.score, abs=1e-5)


@SURE
@given(leads(), books())
def test_the_confidence_is_the_logistic_of_the_weights(who: Record, accounts: list[Record]) -> None:
    told = match(who, accounts, policy=POLICY)
    for each in (*filter(None, [told.account]), *told.runners_up):
        if each.evidence:
            total = sum(clue.weight for clue in each.evidence)
            assert each.confidence == pytest.approx(calibrate.logistic(total), abs=1e-4)


@SURE
@given(leads(), books(), fields("name"))
def test_an_account_equal_to_another_is_as_likely(who: Record, accounts: list[Record], told: dict[str, Any]) -> None:
    twins = [account("B1", **told), account("B2", **told)]
    ranked = {each.profile.id: each for each in rank(who, shortlist(*accounts, *twins))}
    if len(accounts) + 2 <= ranking.KEPT and {"B1", "B2"} <= set(ranked):
        assert ranked["B1"].alone == ranked["B2"].alone
        assert ranked["B1"].score == ranked["B2"].score


@SURE
@given(leads(), books())
def test_the_ranking_is_by_score_and_then_by_id(who: Record, accounts: list[Record]) -> None:
    ranked = rank(who, shortlist(*accounts))
    assert [each.profile.id for each in ranked] == [
        each.profile.id for each in sorted(ranked, key=lambda each: (-each.score, each.profile.id))
    ]
    assert len(ranked) <= ranking.KEPT


def _shares_a_key(one: Profile, other: Profile) -> bool:
    return bool(set(asked(one)) & set(posted(other)))


@SURE
@given(leads(), books())
def test_an_account_that_shares_no_key_changes_no_ranking(who: Record, accounts: list[Record]) -> None:
    """The index leaves it out, so that it can only count in how rare words and domains are."""
    side = profile(who)
    kept = [each for each in accounts if _shares_a_key(side, profile(each))]
    stranger = account("Z1", name="Zyxgorf Quibblewort", website="zyxgorf.example")
    assert not _shares_a_key(side, profile(stranger))
    rarity = ranking.of_records(who, [*accounts, stranger]).rarity
    with_it = [each for each in [*kept, stranger] if _shares_a_key(side, profile(each))]
    assert rank(who, shortlist(*kept, rarity=rarity)) == rank(who, shortlist(*with_it, rarity=rarity))


@SURE
@given(leads(), books())
def test_how_rare_a_foreign_word_is_changes_no_ranking(who: Record, accounts: list[Record]) -> None:
    told = ranking.of_records(who, accounts).rarity
    more = Rarity(told.accounts, {**told.counts, "word:zyxgorf": 9_999, "domain:zyxgorf.example": 500})
    assert rank(who, shortlist(*accounts, rarity=told)) == rank(who, shortlist(*accounts, rarity=more))


@SURE
@given(leads(), books())
def test_whoever_is_matched_shares_a_blocking_key(who: Record, accounts: list[Record]) -> None:
    told = match(who, accounts, policy=POLICY)
    if told.status == "matched" and told.account:
        right = next(each for each in accounts if each.id == told.account.account_id)
        assert _shares_a_key(profile(who), profile(right))


@SURE
@given(leads(), books())
def test_a_probability_is_one_and_the_best_is_first(who: Record, accounts: list[Record]) -> None:
    told = match(who, accounts, policy=POLICY)
    assert 0.0 <= told.confidence <= 1.0
    assert all(0.0 <= other.confidence <= 1.0 for other in told.runners_up)
    assert (told.account is None) == (told.status == "none")


@SURE
@given(st.lists(HOSTILE, min_size=8, max_size=8), st.lists(HOSTILE, min_size=8, max_size=8))
def test_hostile_texts_never_raise(one: list[str], other: list[str]) -> None:
    names = ("website", "domain", "country", "city", "state", "phone", "mobile")
    sides: list[dict[str, Any]] = [dict(zip(names, texts[1:], strict=True)) for texts in (one, other)]
    who = lead(company=one[0], email=one[1] + "@" + one[2], **sides[0])
    what = [account("A1", name=other[0], **sides[1]), account("A2", name=one[0], website=one[1])]
    told = match(who, what, policy=POLICY)
    assert told.status in {"matched", "review", "none"}
    asked(profile(who))
    for each in what:
        posted(profile(each))


@SURE
@given(leads(), st.lists(fields("name"), max_size=3), HOSTILE)
def test_a_profile_survives_being_packed_as_json(who: Record, told: list[dict[str, Any]], hostile: str) -> None:
    sides = [
        who,
        *(account(f"A{at}", **each) for at, each in enumerate(told)),
        account("A9", name=hostile, city=hostile),
    ]
    for side in map(profile, sides):
        assert unpack(side.id, json.loads(json.dumps(pack(side)))) == side


@SURE
@given(st.text(alphabet=string.printable, max_size=40))
def test_keys_are_told_once_and_have_a_known_kind(name: str) -> None:
    for found in (asked(profile(lead(company=name))), posted(profile(account(name=name)))):
        assert len(set(found)) == len(found)
        assert {key.partition(":")[0] for key in found} <= set(KINDS)
