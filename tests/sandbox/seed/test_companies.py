"""The company rows: real ones that hold together, invented ones without end and without a clash."""

from __future__ import annotations

import hashlib
import itertools
import tracemalloc
from collections import Counter

import phonenumbers
import pytest
from publicsuffixlist import PublicSuffixList

from .companies import REAL, accounts, fields, load_companies, strangers
from .grammar import countries
from .model import Company
from .people import FREE_MAIL, owner_key, reps
from .vocabulary import country_name, industries

SUFFIXES = PublicSuffixList()
REAL_ONES = load_companies()


def digest(companies: list[Company]) -> str:
    return hashlib.sha256(repr([fields(company) for company in companies]).encode()).hexdigest()


def test_there_are_enough_real_companies_from_enough_countries() -> None:
    by_country = Counter(company.country for company in REAL_ONES)
    assert len(REAL_ONES) >= 320
    assert by_country["BR"] >= 25
    assert len(by_country) >= 35
    assert sum(company.parent is not None for company in REAL_ONES) >= 40
    assert {company.type for company in REAL_ONES} == {"Customer", "Prospect", "Partner"}
    assert REAL.stat().st_size < 120_000


def test_every_real_name_is_there_once_and_every_parent_is_another_row() -> None:
    by_key = {company.key: company for company in REAL_ONES}
    assert len({company.name for company in REAL_ONES}) == len(by_key) == len(REAL_ONES)
    for company in REAL_ONES:
        if company.parent_key:
            assert by_key[company.parent_key].name == company.parent
            assert company.parent_key != company.key


def test_no_company_is_its_own_ancestor() -> None:
    parents = {company.key: company.parent_key for company in REAL_ONES}
    for company in REAL_ONES:
        generations, above = 0, company.parent_key
        while above:
            generations, above = generations + 1, parents[above]
            assert generations < 6, company.name


def test_domains_are_registrable_and_no_two_companies_share_one_unless_they_say_so() -> None:
    owners: dict[str, list[Company]] = {}
    for company in REAL_ONES:
        for domain in {company.domain, *company.alt_domains}:
            assert SUFFIXES.privatesuffix(domain) == domain, (company.name, domain)
            owners.setdefault(domain, []).append(company)
    shared = {domain: {c.name for c in group} for domain, group in owners.items() if len(group) > 1}
    assert shared == {
        "amazon.com": {"Amazon.com, Inc.", "Amazon Web Services"},
        "nintendo.com": {"任天堂株式会社", "Nintendo of America"},
        "ubisoft.com": {"Ubisoft Entertainment", "Ubisoft Montréal"},
    }
    assert {c.name for c in REAL_ONES if c.shares_domain} >= {"Amazon Web Services", "Ubisoft Montréal"}


def test_no_real_company_has_the_domain_of_a_mail_provider() -> None:
    providers = {host for hosts in FREE_MAIL.values() for host in hosts}
    domains = {domain for company in REAL_ONES for domain in (company.domain, *company.alt_domains)}
    assert not domains & providers


def test_phones_industries_and_countries_of_real_companies_are_valid() -> None:
    for company in REAL_ONES:
        assert phonenumbers.is_valid_number(phonenumbers.parse(company.phone)), company.name
        assert company.industry in industries()
        assert len(country_name(company.country)) > 2
        assert company.city


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Delta Air Lines", "Delta Electronics"),
        ("Siemens AG", "Siemens Energy AG"),
        ("HP Inc.", "Hewlett Packard Enterprise"),
        ("Merck & Co., Inc.", "Merck KGaA"),
        ("Volvo Group", "Volvo Cars"),
        ("Target Corporation", "Target Australia"),
        ("Woolworths Group", "Woolworths Holdings"),
        ("Rolls-Royce Holdings", "Rolls-Royce Motor Cars"),
        ("Prudential Financial", "Prudential plc"),
    ],
)
def test_names_that_are_easy_to_confuse_are_both_there_and_not_related(one: str, other: str) -> None:
    found = {company.name: company for company in REAL_ONES}
    assert found[one].domain != found[other].domain
    assert found[one].parent != other
    assert found[other].parent != one


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() -> None:
    assert digest(list(accounts(3_000, seed=7))) == digest(list(accounts(3_000, seed=7)))
    assert digest(list(accounts(3_000, seed=7))) != digest(list(accounts(3_000, seed=8)))
    assert list(accounts(1_000)) == list(accounts(3_000))[:1_000]


def test_real_companies_come_first_and_the_stream_is_lazy() -> None:
    stream = accounts(1_000_000)
    assert tuple(itertools.islice(stream, len(REAL_ONES))) == REAL_ONES
    assert next(stream).invented
    with pytest.raises(ValueError, match="1,000,000"):
        next(accounts(1_000_001))


def test_a_long_stream_keeps_no_list_of_what_it_gave() -> None:
    for warm in accounts(700):
        assert warm
    tracemalloc.start()
    for company in accounts(20_000):
        assert company
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Twenty thousand companies would be about fifteen megabytes.
    assert peak < 3_000_000


def test_fifty_thousand_accounts_have_unique_keys_and_domains() -> None:
    made = list(accounts(50_000))
    own = [company.domain for company in made if not company.shares_domain]
    assert len(set(own)) == len(own)
    assert len({company.key for company in made}) == len(made) == 50_000
    assert {company.country for company in made} >= set(countries())


def test_invented_companies_have_registrable_domains_known_industries_and_earlier_parents() -> None:
    earlier: dict[str, Company] = {}
    sisters = branches = 0
    for company in accounts(20_000):
        if company.invented:
            assert SUFFIXES.privatesuffix(company.domain) == company.domain
            assert company.industry in industries()
            if company.parent_key:
                parent = earlier[company.parent_key]
                assert parent.name == company.parent
                assert company.shares_domain == (company.domain == parent.domain)
                branches += company.shares_domain
                sisters += not company.shares_domain
        earlier[company.key] = company
    assert branches > 300
    assert sisters > 300


def test_invented_domains_are_clearly_invented() -> None:
    real = {domain for company in REAL_ONES for domain in (company.domain, *company.alt_domains)}
    for company in itertools.islice(accounts(12_000), len(REAL_ONES), None):
        assert company.domain not in real
        assert company.domain.endswith(".example") or len(company.domain.partition(".")[0]) >= 10


def test_a_sector_word_means_the_same_sector_in_every_language() -> None:
    # Two coined domains could otherwise be equal in two countries.
    places: dict[str, set[int]] = {}
    for country in countries().values():
        for index, sector in enumerate(country.sectors):
            places.setdefault(sector.label, set()).add(index)
    assert {word: at for word, at in places.items() if len(at) > 1} == {}


def test_strangers_are_never_accounts() -> None:
    known = {company.domain for company in accounts(50_000)}
    assert not known & {company.domain for company in itertools.islice(strangers(7), 5_000)}


def test_every_account_has_an_active_owner_from_its_region() -> None:
    team = {rep.key: rep for rep in reps()}
    owners = {company.country: team[owner_key(company.key, company.country)] for company in accounts(5_000)}
    assert all(rep.active for rep in owners.values())
    assert owners["BR"].region == "LATAM"
    assert owners["DE"].region == "EMEA"
    assert owners["JP"].region == "APAC"
    assert owners["US"].region == "AMER"
    assert {rep.region for rep in owners.values()} == {"AMER", "LATAM", "EMEA", "MEA", "APAC"}
