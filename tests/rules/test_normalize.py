from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import normalize
from tests.rules import make


@pytest.mark.parametrize(("name", "core"), make.cases("companies"))
def test_company_name_is_reduced_to_its_core(name: str, core: str) -> None:
    assert normalize.company(name) == core


@pytest.mark.parametrize(
    ("script", "latin"),
    [
        ("トヨタ", "Toyota"),
        ("Яндекс", "Yandeks"),
        ("㈱カカオ", "Kakao"),
        ("Газпром", "Gazprom"),
        ("Nestlé S.A.", "Nestle"),
    ],
)
def test_other_scripts_are_transliterated_beside(script: str, latin: str) -> None:
    assert normalize.latin(normalize.company(script)) == normalize.company(latin)


@given(st.text(max_size=60))
def test_no_text_breaks_any_normaliser(text: str) -> None:
    for clean in (
        normalize.email,
        normalize.mailbox,
        normalize.host,
        normalize.domain,
        normalize.label,
        normalize.phone,
        normalize.company,
        normalize.country,
        normalize.person,
        normalize.fold,
    ):
        assert isinstance(clean(text), str)


@given(st.text(max_size=60))
def test_the_core_of_a_core_has_the_same_words(name: str) -> None:
    core = normalize.company(name)
    assert bool(core) == bool(normalize.words(name))
    assert normalize.fold(core) == core


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Ana@Acme.COM", "ana@acme.com"),
        ("  ana.silva@acme.com.br ", "ana.silva@acme.com.br"),
        ("mailto:ana@acme.com", "ana@acme.com"),
        ("Ana Silva <ana@acme.com>", "ana@acme.com"),
        ("ana@münchen.de", "ana@xn--mnchen-3ya.de"),
        ("ana@acme", ""),
        ("ana acme.com", ""),
        ("", ""),
    ],
)
def test_email_is_lower_case_with_an_ascii_domain(written: str, address: str) -> None:
    assert normalize.email(written) == address


@pytest.mark.parametrize(
    ("written", "box"),
    [
        ("Ana+news@acme.com", "ana@acme.com"),
        ("a.n.a@gmail.com", "ana@gmail.com"),
        ("a.na+x@googlemail.com", "ana@gmail.com"),
        ("a.na@acme.com", "a.na@acme.com"),
        ("no mail", ""),
    ],
)
def test_a_mailbox_has_neither_tag_nor_gmail_dots(written: str, box: str) -> None:
    assert normalize.mailbox(written) == box


@pytest.mark.parametrize(
    ("written", "registrable"),
    [
        ("https://www.acme.co.uk/about?x=1", "acme.co.uk"),
        ("ana@mail.petrobras.com.br", "petrobras.com.br"),
        ("ACME.COM.", "acme.com"),
        ("http://shop.acme.com:8080", "acme.com"),
        ("acme.wixsite.com", "acme.wixsite.com"),
        ("https://acme.github.io/page", "acme.github.io"),
        ("www.münchen.de", "xn--mnchen-3ya.de"),
        ("1accountdomain.com", "1accountdomain.com"),
        ("co.uk", ""),
        ("10.0.0.1", ""),
        ("localhost", ""),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_domain_is_the_registrable_one(written: str, registrable: str) -> None:
    assert normalize.domain(written) == registrable


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("(11) 98765-4321", "Brazil", "+5511987654321"),
        ("+55 11 98765-4321", "", "+5511987654321"),
        ("0049 30 1234567", "", "+49301234567"),
        ("030 1234567", "Deutschland", "+49301234567"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("+1 (415) 555-0100 ext. 7", "", "+14155550100"),
        ("030 1234567", "", ""),
        ("call me", "US", ""),
        ("12", "US", ""),
    ],
)
def test_phone_is_e164_or_nothing(written: str, country: str, number: str) -> None:
    assert normalize.phone(written, country) == number


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Germany", "DE"), ("DE", "DE"), ("de", "DE"), ("DEU", "DE"), ("Deutschland", "DE"), ("Allemagne", "DE"),
        ("ドイツ", "DE"), ("Германия", "DE"), ("ألمانيا", "DE"), ("Brasil", "BR"), ("Brésil", "BR"), ("USA", "US"),
        ("U.S.A.", "US"), ("United States", "US"), ("United States of America", "US"), ("Estados Unidos", "US"),
        ("UK", "GB"), ("England", "GB"), ("Great Britain", "GB"), ("South Korea", "KR"), ("Korea, Republic of", "KR"),
        ("Russia", "RU"), ("Россия", "RU"), ("Vietnam", "VN"), ("Côte d'Ivoire", "CI"), ("Ivory Coast", "CI"),
        ("Niger", "NE"), ("Nigeria", "NG"), ("Czechia", "CZ"), ("Holland", "NL"), ("The Netherlands", "NL"),
        ("Hong Kong", "HK"), ("Türkiye", "TR"), ("Turkey", "TR"), ("España", "ES"), ("中国", "CN"), ("日本", "JP"),
        ("대한민국", "KR"), ("Georgia", "GE"), ("Atlantis", ""), ("", ""),
    ],
)  # fmt: skip
def test_country_is_understood_in_many_languages(written: str, code: str) -> None:
    assert normalize.country(written) == code


def test_a_person_is_compared_without_title_order_and_accent() -> None:
    assert normalize.person("Dr. Silva, João") == normalize.person("joao silva") == "joao silva"
    assert normalize.person("Mr") == "mr"


def test_free_mail_knows_many_countries() -> None:
    assert len(normalize.FREE_MAIL) >= 150
    everywhere = {
        "gmail.com",
        "uol.com.br",
        "orange.fr",
        "web.de",
        "qq.com",
        "yandex.ru",
        "docomo.ne.jp",
        "naver.com",
        "rediffmail.com",
    }
    assert set(everywhere) <= normalize.FREE_MAIL


@pytest.mark.parametrize("domain", sorted(normalize.FREE_MAIL))
def test_free_mail_domains_are_registrable_so_that_they_are_found(domain: str) -> None:
    assert normalize.domain(f"ana@{domain}") == domain


def test_a_label_is_read_as_people_read_it() -> None:
    assert normalize.label("https://www.coca-cola.co.uk") == "cocacola"
    assert normalize.label("http://münchen.de") == "munchen"
    assert normalize.label("nothing") == ""
