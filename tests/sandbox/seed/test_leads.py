"""Leads, contacts and deals: what they claim and what is true about them."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from email_validator import validate_email

from .companies import accounts
from .leads import KINDS, leads
from .people import FREE_MAIL, queues, reps
from .relations import CLOSED_STAGES, OPEN_STAGES, contacts, opportunities
from .typos import mistype, without_legal_form

COMPANIES = list(accounts(800))
CONTACTS = list(contacts(COMPANIES, 2))
LEADS = list(leads(COMPANIES, 6_000, seed=3, known=CONTACTS))
PROVIDERS = {host for hosts in FREE_MAIL.values() for host in hosts}
BY_KEY = {company.key: company for company in COMPANIES}


def host(email: str) -> str:
    return email.rpartition("@")[2].lower()


def test_the_same_seed_gives_the_same_leads_and_contacts() -> None:
    def digest() -> str:
        rows = [*leads(COMPANIES, 500, seed=3, known=CONTACTS), *contacts(COMPANIES, 2)]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    assert digest() == digest()
    assert list(leads(COMPANIES, 500, seed=4)) != list(leads(COMPANIES, 500, seed=3))


def test_kinds_come_in_the_declared_proportions() -> None:
    found = Counter(lead.kind for lead in LEADS)
    assert set(found) == set(KINDS)
    for kind, share in KINDS.items():
        assert found[kind] / len(LEADS) * 100 == pytest.approx(share, abs=2)


def test_every_lead_and_contact_has_its_own_key() -> None:
    keys = [lead.key for lead in LEADS] + [contact.key for contact in CONTACTS]
    assert len(set(keys)) == len(keys)


def test_every_address_is_valid_and_ascii() -> None:
    given = [lead.email for lead in LEADS if lead.email]
    given += [contact.email for contact in CONTACTS] + [rep.email for rep in reps()]
    for email in set(given):
        assert email.isascii()
        validate_email(email, check_deliverability=False)


def test_only_duplicates_and_role_accounts_come_with_an_address_that_was_there_before() -> None:
    seen = {contact.email.lower() for contact in CONTACTS}
    for lead in LEADS:
        if lead.email and lead.kind not in {"duplicate", "role_account"}:
            assert lead.email.lower() not in seen
            seen.add(lead.email.lower())


def test_clean_leads_write_from_the_domain_of_their_account() -> None:
    for lead in LEADS:
        if lead.kind in {"clean", "unicode", "role_account"}:
            assert lead.truth_key
            company = BY_KEY[lead.truth_key]
            assert host(lead.email) == company.domain
            assert lead.truth == company.name


def test_misspelt_leads_differ_from_the_name_and_have_no_corporate_address() -> None:
    misspelt = [lead for lead in LEADS if lead.kind == "misspelt"]
    for lead in misspelt:
        assert lead.truth
        assert lead.company.casefold() != lead.truth.casefold()
        assert not lead.email or host(lead.email) in PROVIDERS
        assert not lead.website
    assert any(not lead.email for lead in misspelt)


def test_free_mail_leads_name_their_company_with_or_without_its_legal_form() -> None:
    free = [lead for lead in LEADS if lead.kind == "free_mail"]
    assert {host(lead.email) for lead in free} <= PROVIDERS
    assert all(lead.truth and lead.company in {lead.truth, without_legal_form(lead.truth)} for lead in free)
    assert any(lead.company != lead.truth for lead in free)


def test_a_branch_that_is_no_account_rolls_up_to_its_head_and_never_past_a_daughter() -> None:
    daughters = {(company.parent_key, company.country) for company in COMPANIES if company.parent_key}
    branches = [lead for lead in LEADS if lead.kind == "subsidiary" and lead.company != lead.truth]
    for lead in branches:
        assert lead.truth_key
        head = BY_KEY[lead.truth_key]
        assert host(lead.email) == f"{lead.country.lower()}.{head.domain}"
        assert lead.country != head.country
        assert (head.key, lead.country) not in daughters
    listed = [lead for lead in LEADS if lead.kind == "subsidiary" and lead.company == lead.truth]
    assert all(lead.truth_key and BY_KEY[lead.truth_key].parent for lead in listed)
    assert len(branches) > 100
    assert len(listed) > 100


def test_duplicates_point_to_an_earlier_person_with_the_same_mailbox() -> None:
    earlier = {contact.key: contact.email for contact in CONTACTS}
    of_contacts = plus = upper = 0
    for lead in LEADS:
        if lead.kind == "duplicate":
            assert lead.duplicate_of
            original = earlier[lead.duplicate_of]
            local, _, domain = lead.email.lower().partition("@")
            assert f"{local.partition('+')[0]}@{domain}" == original.lower() or not original
            of_contacts += lead.duplicate_of.startswith("contact-")
            plus += "+" in lead.email
            upper += lead.email.isupper()
        else:
            assert lead.duplicate_of is None
            earlier[lead.key] = lead.email
    assert min(of_contacts, plus, upper) > 50


def test_unknown_leads_belong_to_nobody() -> None:
    domains = {company.domain for company in COMPANIES}
    for lead in LEADS:
        assert (lead.truth is None) == (lead.truth_key is None)
        if lead.kind == "unknown":
            assert lead.truth is None
            assert host(lead.email) not in domains


def test_unicode_leads_are_written_in_other_scripts() -> None:
    for lead in LEADS:
        if lead.kind == "unicode":
            assert not lead.first_name.isascii()
            assert lead.email.isascii()


def test_leads_without_companies_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one company"):
        next(leads([], 1))


def test_a_slip_is_never_the_name_itself() -> None:
    random = Random(1)
    for name in ("Aa", "3M", "AMD", "Orange", "株式会社日立製作所", "LL", "e&"):
        assert all(mistype(name, random).casefold() != name.casefold() for _ in range(50))


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Merck & Co., Inc.", "Merck & Co."),
        ("Honda Motor Co., Ltd.", "Honda Motor"),
        ("Siemens AG", "Siemens"),
        ("Banco Bradesco S.A.", "Banco Bradesco"),
        ("株式会社", "株式会社"),
        ("楽天グループ株式会社", "楽天グループ"),
        ("Prada", "Prada"),
    ],
)
def test_legal_forms_come_off_the_end(name: str, core: str) -> None:
    assert without_legal_form(name) == core


def test_contacts_of_a_company_do_not_depend_on_the_others() -> None:
    alone = list(contacts([COMPANIES[10]], 2))
    assert alone == [row for row in CONTACTS if row.company_key == COMPANIES[10].key]


def test_contact_addresses_are_unique_also_where_companies_share_a_domain() -> None:
    many = list(contacts(accounts(3_000), 5))
    assert len({contact.email for contact in many}) == len(many) == 15_000


def test_opportunities_stand_around_today_by_stage() -> None:
    today = date(2026, 3, 2)
    deals = list(opportunities(COMPANIES, 900, today=today))
    assert len(deals) == 900
    for deal in deals:
        ahead = deal.close_date - today
        assert timedelta(-366) < ahead < timedelta(181)
        assert (ahead > timedelta(0)) == (deal.stage in OPEN_STAGES)
        assert deal.amount > 0
    assert {deal.stage for deal in deals} == {*OPEN_STAGES, *CLOSED_STAGES}
    moved = list(opportunities(COMPANIES, 900, today=today + timedelta(30)))
    assert [deal.close_date - timedelta(30) for deal in moved] == [deal.close_date for deal in deals]


def test_the_team_has_one_manager_one_who_left_and_desks_of_active_members() -> None:
    team = {rep.key: rep for rep in reps()}
    assert [rep.first_name for rep in team.values() if rep.manager_key is None] == ["Helena"]
    assert [rep.first_name for rep in team.values() if not rep.active] == ["Kevin"]
    assert {queue.name for queue in queues()} == {"Unassigned Leads", "EMEA desk", "LATAM desk"}
    assert all(team[key].active for queue in queues() for key in queue.member_keys)
