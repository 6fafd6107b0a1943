from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from rules import normalize
from rules.normalizing import institutions, nations, subjects, trades, vocabulary
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
        normalize.spelled,
        normalize.state,
        normalize.city,
        normalize.street,
        normalize.place_word,
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


@pytest.mark.parametrize(("name", "english"), make.cases("words"))
def test_generic_words_of_a_name_are_put_into_english(name: str, english: str) -> None:
    assert " ".join(normalize.words(name)) == english


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Société Générale S.A.", "societe generale"),
        ("Universidad Nacional Autónoma de México", "universidad nacional autonoma de mexico"),
        ("Deutsche Bahn AG", "deutsche bahn"),
        ("東京大学", "東京大学"),
        ("株式会社日立製作所", "日立製作所"),
    ],
)
def test_a_name_is_also_known_as_its_owner_spells_it(name: str, own: str) -> None:
    assert normalize.spelled(name) == own


def test_no_word_of_another_language_has_two_meanings() -> None:
    tables = (*institutions.TABLES, *subjects.TABLES, *trades.TABLES, *nations.TABLES)
    written = [(normalize.fold(form), english) for english, forms in vocabulary.paragraphs(*tables) for form in forms]
    meanings: dict[str, set[str]] = {}
    for form, english in written:
        meanings.setdefault(form, set()).add(english)
    assert {form: told for form, told in meanings.items() if len(told) > 1} == {}


def test_what_is_english_already_stays() -> None:
    english = {word for meaning in vocabulary.WORDS.values() for word in meaning}
    assert {word for word in english if vocabulary.WORDS.get(word, (word,)) != (word,)} == set()


def test_generic_and_stop_words_are_folded_words() -> None:
    assert {"university", "bank", "solutions", "digital", "north"} <= normalize.GENERIC_WORDS
    assert {"of", "the", "de", "fur", "и", "w", "van", "في"} <= normalize.STOP_WORDS
    for word in normalize.GENERIC_WORDS | normalize.STOP_WORDS:
        assert normalize.fold(word) == word
    assert all(adjective in vocabulary.NATIONS for adjective in ("german", "brazilian"))


@pytest.mark.parametrize(("written", "country", "code"), make.cases("states"))
def test_a_state_has_one_code(written: str, country: str, code: str) -> None:
    assert normalize.state(written, country) == code


@pytest.mark.parametrize(("written", "kept"), make.cases("cities"))
def test_a_city_has_one_spelling(written: str, kept: str) -> None:
    assert normalize.city(written) == kept


def test_a_city_is_found_as_a_word_of_a_name() -> None:
    assert [normalize.place_word(word) for word in normalize.words("Universität Wien")] == ["university", "vienna"]
    assert [normalize.place_word(word) for word in normalize.words("東京大学")] == ["tokyo", "university"]
    assert normalize.place_word("acme") == "acme"


@pytest.mark.parametrize("addresses", make.cases("streets"))
def test_a_street_has_one_spelling(addresses: list[str]) -> None:
    assert len({normalize.street(address) for address in addresses}) == 1
    assert normalize.street(addresses[0])


@pytest.mark.parametrize("local", make.cases("mailboxes")["roles"])
def test_a_function_has_a_role_mailbox(local: str) -> None:
    assert normalize.is_role(local)


@pytest.mark.parametrize("local", make.cases("mailboxes")["people"])
def test_a_person_has_no_role_mailbox(local: str) -> None:
    assert not normalize.is_role(local)


def test_free_mail_is_ours_and_the_customers_and_thrown_away() -> None:
    assert normalize.is_free_mail("gmail.com")
    assert normalize.is_free_mail("Mail.Yahoo.co.jp")
    assert normalize.is_free_mail("comcast.net")
    assert normalize.is_free_mail("mailinator.com")
    assert not normalize.is_free_mail("acme.com")
    assert normalize.is_free_mail("acme.com", frozenset({"acme.com"}))
    assert not normalize.is_free_mail("")


def test_a_thrown_away_address_is_known_by_its_domain() -> None:
    assert normalize.is_disposable("mailinator.com")
    assert normalize.is_disposable("x.mailinator.com")
    assert not normalize.is_disposable("gmail.com")
    assert not normalize.is_disposable("com")


@pytest.mark.parametrize(
    ("written", "country", "state", "number"),
    [
        ("(415) 555-0100", "", "California", "+14155550100"),
        ("(11) 98765-4321", "", "São Paulo", "+5511987654321"),
        ("030 1234567", "Germany", "California", "+49301234567"),
        ("030 1234567", "", "Nowhere", ""),
    ],
)
def test_a_phone_is_where_its_state_is(written: str, country: str, state: str, number: str) -> None:
    assert normalize.phone(written, country, state) == number


_LOCAL = st.text("aZ09_+-.'~%!", max_size=40)
_NAME = st.text("aZ09-", max_size=30)
_TOP = st.sampled_from(
    ["com", "co.uk", "xn--p1ai", "test", "invalid", "local", "example", "onion", "localhost", "arpa", "c", "museum"]
)


@given(_LOCAL, st.lists(_NAME, max_size=3), _TOP)
def test_the_short_way_to_an_address_says_what_the_library_says(local: str, names: list[str], top: str) -> None:
    written = f"{local}@{'.'.join([*names, top])}"
    try:
        parts = validate_email(written, check_deliverability=False, test_environment=True, allow_display_name=True)
        expected = f"{parts.local_part.lower()}@{parts.ascii_domain or parts.domain}".lower()
    except EmailNotValidError:
        expected = ""
    assert normalize.email(written) == expected


@given(st.from_regex(normalize._PLAIN_EMAIL, fullmatch=True))
def test_every_address_that_takes_the_short_way_is_one(written: str) -> None:
    try:
        parts = validate_email(written, check_deliverability=False, test_environment=True, allow_display_name=True)
    except EmailNotValidError:
        assert normalize.email(written) == ""
    else:
        assert normalize.email(written) == f"{parts.local_part}@{parts.ascii_domain}".lower()
