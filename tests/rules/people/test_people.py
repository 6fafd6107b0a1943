from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.model import Record
from rules.normalizing import folding
from rules.people import model
from rules.people.compare import Company, Family, Given, Likeness, Mail, Phone, compare
from rules.people.person import handle, person
from rules.people.short_names import roots
from rules.people.spelling import differs_in_ending, is_near, skeleton, sound


def alike(one: dict[str, str], other: dict[str, str]) -> Likeness:
    return compare(person(Record("lead", "a", one)), person(Record("lead", "b", other)))


NAMES = [
    ("Bob Stone", "Robert Stone", Given.SHORT, Family.SAME),
    ("Chico Wonneberger", "Francisco Wonneberger", Given.SHORT, Family.SAME),
    ("Rick Stone", "Ricky Stone", Given.SHORT, Family.SAME),
    ("Lena Brückner", "Käthe Brückner", Given.NEAR, Family.SAME),  # both are short for Catherine
    ("Саша Иванов", "Aleksandr Ivanov", Given.SHORT, Family.SAME),
    ("Юлия Щербакова", "Yulia Shcherbakova", Given.SAME, Family.SAME),
    ("Jürgen Müller", "Juergen Mueller", Given.SAME, Family.SAME),
    ("João Conceição", "Joao Conceicao", Given.SAME, Family.SAME),
    ("محمد ناصر", "Mohammed Nasser", Given.SAME, Family.SAME),
    ("Stone Robert", "Robert Stone", Given.SAME, Family.SAME),
    ("R. Stone", "Robert Stone", Given.INITIAL, Family.SAME),
    ("Robret Stone", "Robert Stone", Given.NEAR, Family.SAME),
    ("Maria Fernanda Lopez", "Fernanda Lopez", Given.PART, Family.SAME),
    ("Ana Garcia-Lopez", "Ana Lopez", Given.SAME, Family.PART),
    ("Mario Rossi", "Maria Rossi", Given.ENDING, Family.SAME),
    ("Ana Stone", "Bob Stone", Given.OTHER, Family.SAME),
    ("田中 由紀", "Yuki Tanaka", Given.UNKNOWN, Family.UNKNOWN),
    ("Dr. Ana Stone", "Ana Stone", Given.SAME, Family.SAME),
]


@pytest.mark.parametrize(("one", "other", "given_", "family"), NAMES, ids=str)
def test_names_are_compared_as_people_read_them(one: str, other: str, given_: Given, family: Family) -> None:
    parts = [dict(zip(("first_name", "last_name"), name.rsplit(" ", 1), strict=True)) for name in (one, other)]
    found = alike(*parts)
    assert (found.given, found.family) == (given_, family)


@pytest.mark.parametrize(
    ("one", "other", "is_"),
    [
        ("ana@acme.com", "ANA+x@acme.com", Mail.SAME),
        ("a.na@gmail.com", "ana@googlemail.com", Mail.SAME),
        ("ana@mail.acme.com", "ana@acme.com", Mail.SAME_COMPANY),
        ("ana@acme.com", "ana@acme.de", Mail.SAME_LOCAL),
        ("info@acme.com", "info@acme.com", Mail.ROLE),
        ("ana.souza@acme.com", "ana.suoza@acme.com", Mail.NEAR),
        ("ana.souza1@acme.com", "ana.souza2@acme.com", Mail.OTHER_HERE),
        ("ana@acme.com", "bob@acme.com", Mail.OTHER_HERE),
        ("ana@gmail.com", "lima@yahoo.com", Mail.OTHER_PRIVATE),
        ("ana@acme.com", "lima@yahoo.com", Mail.OTHER),
        ("", "ana@acme.com", Mail.UNKNOWN),
    ],
)
def test_addresses_are_compared_by_the_mailbox_they_lead_to(one: str, other: str, is_: Mail) -> None:
    assert alike({"email": one}, {"email": other}).mail == is_


def test_numbers_companies_and_generations_are_compared() -> None:
    found = alike(
        {"name": "John Smith Jr.", "phone": "020 7946 0000", "country": "UK", "company": "Acme Ltd"},
        {"name": "John Smith Sr.", "mobile": "+442079460000", "email": "js@acme.com"},
    )
    assert (found.phone, found.company, found.generation) == (Phone.MOBILE, Company.SAME, -2)


@pytest.mark.parametrize(
    "text", ["https://www.linkedin.com/in/Ana-1/", "linkedin.com/in/ana-1?x=1", "ana-1", "in/ana-1"]
)
def test_a_linkedin_address_is_its_handle(text: str) -> None:
    assert handle(text) == "ana-1"


def test_words_of_names_sound_alike_across_languages() -> None:
    assert sound("mueller") == sound("muller")
    assert sound("dmitriy") == sound("dmitri")
    assert skeleton("mhmd") == skeleton("mohammed")
    assert is_near("robert", "robret")
    assert not is_near("ana", "eva")
    assert differs_in_ending("daniel", "daniela")
    assert "william" in roots("bill")


TEXT = st.text(max_size=20)
SIDES = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("email", "first_name", "last_name", "phone", "company", "title", "city"), TEXT)
)


@given(SIDES, SIDES)
def test_whatever_is_written_compares_alike_in_both_directions(one: dict[str, str], other: dict[str, str]) -> None:
    assert alike(one, other) == alike(other, one)


LEVELS = st.tuples(
    st.integers(-3, 5), st.integers(-1, 3), st.integers(0, 5), st.integers(-1, 4), st.integers(-1, 1),
    st.integers(-1, 1), st.integers(0, 1), st.integers(-1, 3), st.integers(-1, 2), st.integers(-1, 1),
    st.integers(-1, 1), st.integers(0, 3), st.integers(-1, 0),
)  # fmt: skip


@given(LEVELS, st.integers(0, 12))
def test_more_agreement_never_makes_two_less_likely_one_person(levels: tuple[int, ...], place: int) -> None:
    low = Likeness(*levels)
    high = low._replace(**{Likeness._fields[place]: levels[place] + 1})
    if place not in {0, 1}:  # an address or number that many share is judged with more care than one that differs
        assert model.score(high) >= model.score(low) - 1e-9


def test_nobody_is_merged_against_a_contradiction() -> None:
    sure = Likeness(5, 3, 5, 4, 1, 1, 1, 3, 2, 1, 1, 3, 0)
    assert model.probability(model.score(sure)) > 0.9999
    for against in ({"given": -2}, {"generation": -2}, {"ids": -1}):
        assert model.probability(model.score(sure._replace(**against))) < 0.9


UNSEEN = {
    "middle": (-1, 0, 1), "generation": (-2, -1, 0, 1), "company": tuple(Company), "title": (-1, 0, 1, 2),
    "city": (-1, 0, 1), "country": (-1, 0, 1), "rare": (0,), "of_mail": (-1, 0),
}  # fmt: skip
"""What a glance does not tell of two; rare is a name that both have, and counts only there."""


def test_a_pair_that_a_glance_leaves_aside_could_not_have_been_enough() -> None:
    dice = random.Random(5)
    for _ in range(20_000):
        mail, phone, first, last = (int(dice.choice(tuple(kind))) for kind in (Mail, Phone, Given, Family))
        ids = dice.choice((-1, 0, 1))
        rest = {name: int(dice.choice(values)) for name, values in UNSEEN.items()}
        found = Likeness(mail, phone, first, last, ids=ids, **rest)
        assert model.score(found) <= model.most((mail, phone, first, last, ids))


def test_strangers_at_one_company_are_left_aside_at_a_glance() -> None:
    assert model.most((Mail.OTHER_HERE, Phone.OTHER, Given.OTHER, Family.SAME, 0)) < model.DOUBTFUL
    assert model.most((Mail.UNKNOWN, Phone.UNKNOWN, Given.SAME, Family.OTHER, 0)) < model.DOUBTFUL


@pytest.mark.parametrize("letter", ["a", "é", "Щ"])
def test_a_name_that_somebody_made_endless_is_cut_in_any_script(letter: str) -> None:
    found = person(Record("lead", "1", {"first_name": "Ann", "last_name": letter * 65_000}))
    assert 0 < len(found.family[0]) <= 4 * folding.LONGEST
