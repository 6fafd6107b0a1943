"""The console in five languages and in the viewer's time zone, and the catalogues that translate it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.support import NullTranslations
from flask import Flask

from connector import desk
from connector.desk.faults import Unusable
from connector.store.installs import Install
from connector.web import language, words
from rules.wording import catalogue
from tests import console_texts
from tests.connector.web.kit import NOW, PUBLIC_URL, Browser, House, decision

OTHERS = [each for each in catalogue.LANGUAGES if each != catalogue.ENGLISH]
HOST = "route.example.com"


def lang(client: Browser, accepts: str = "") -> str:
    answer = client.get("/", headers={"Accept-Language": accepts} if accepts else {})
    found = re.search(r'<html lang="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("accepts", "spoken"),
    [
        ("", "en"), ("de-AT,de;q=0.9,en;q=0.5", "de"), ("pt", "pt-BR"), ("ja,fr;q=0.8", "fr"), ("ja", "en"),
        ("en-US,de;q=0.9", "en"), ("es-419", "es"), ("*", "en"), ("<script>", "en"),
    ],
)  # fmt: skip
def test_the_browser_says_which_language_is_spoken(anyone: Browser, accepts: str, spoken: str) -> None:
    assert lang(anyone, accepts) == spoken


def test_what_the_viewer_chose_wins_over_the_browser_and_outlives_the_session(anyone: Browser, alice: Browser) -> None:
    answer = alice.submit("/view", language="fr", back="/own-domain?domain=x")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/own-domain?domain=x")
    kept = answer.headers["Set-Cookie"]
    assert all(each in kept for each in ("language=fr", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=31536000"))
    assert lang(alice, "de") == "fr"
    alice.submit("/signout")
    assert lang(alice, "de") == "fr"
    assert lang(anyone, "de") == "de", "others speak their own"


@pytest.mark.parametrize("back", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "", "x"])
def test_choosing_a_language_leads_nowhere_else(alice: Browser, back: str) -> None:
    assert alice.submit("/view", language="fr", back=back).headers["Location"] == "/"


@pytest.mark.parametrize("given", [{"language": "tlh"}, {"zone": "Mars/Olympus"}, {"zone": "../../etc/passwd"}])
def test_what_is_no_language_or_zone_is_refused(alice: Browser, given: dict[str, str]) -> None:
    assert alice.submit("/view", **given).status_code == 400


@pytest.mark.parametrize(
    ("cookies", "zone"),
    [
        ({}, "UTC"),
        ({"browser_zone": "Asia/Kolkata"}, "Asia/Kolkata"),
        ({"browser_zone": "Asia/Kolkata", "zone": "Europe/Paris"}, "Europe/Paris"),
        ({"browser_zone": "Asia/Kolkata", "zone": ""}, "Asia/Kolkata"),
        ({"browser_zone": "../../etc/passwd"}, "UTC"),
        ({"zone": "Nowhere"}, "UTC"),
    ],
)
def test_times_are_told_in_the_zone_that_was_chosen_else_the_browsers_else_utc(
    anyone: Browser, cookies: dict[str, str], zone: str
) -> None:
    for name, value in cookies.items():
        anyone.set_cookie(name, value, domain=HOST)
    foot = anyone.page("/").footer
    assert foot is not None
    assert f"Times are in {zone}." in " ".join(foot.text.split())


def test_a_zone_is_chosen_on_a_page_that_needs_no_script(alice: Browser) -> None:
    page = alice.page("/view?back=/own-domain")
    zones = [str(each.text) for each in page.select("select[name=zone] option")]
    assert {"UTC", "Europe/Paris", "America/Sao_Paulo"} <= set(zones)
    assert alice.submit("/view", zone="America/Sao_Paulo", back="/own-domain").headers["Location"] == "/own-domain"
    assert "Times are in America/Sao_Paulo." in alice.page("/").text


def test_the_story_tells_numbers_and_times_as_its_reader_writes_them(
    house: House, alice: Browser, acme: Install
) -> None:
    house.decide(acme, decision("d1"))
    alice.set_cookie("language", "de", domain=HOST)
    alice.set_cookie("zone", "Europe/Berlin", domain=HOST)
    text = alice.page(f"/installs/{acme.id}/decisions/d1").text
    assert "22. Nov. 2026, 10:30" in text
    assert "97\N{NO-BREAK SPACE}%" in text


def test_each_filter_follows_language_and_zone(app: Flask) -> None:
    told = {}
    for spoken in catalogue.LANGUAGES:
        cookies = f"language={spoken}; zone=Asia/Tokyo"
        with app.test_request_context("/", base_url=PUBLIC_URL, headers={"Cookie": cookies}):
            app.preprocess_request()
            told[spoken] = (words.moment(NOW), words.number(12345.5), words.percent(0.5), words.duration(2140))
    assert {name: tuple(each.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
                        for each in found) for name, found in told.items()} == {
        "en": ("22 Nov 2026, 18:30", "12,345.5", "50 %", "2.1 s"),
        "pt_BR": ("22 de nov. de 2026, 18:30", "12.345,5", "50%", "2,1 s"),
        "es": ("22 nov 2026, 18:30", "12.345,5", "50 %", "2,1 s"),
        "fr": ("22 nov. 2026, 18:30", "12 345,5", "50 %", "2,1 s"),
        "de": ("22. Nov. 2026, 18:30", "12.345,5", "50 %", "2,1 s"),
    }  # fmt: skip


def test_one_viewers_language_is_gone_with_their_request(anyone: Browser) -> None:
    assert lang(anyone, "de") == "de"
    assert catalogue.spoken() == catalogue.ENGLISH


def test_what_a_desk_refuses_is_said_in_the_viewers_language(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class German:
        def ugettext(self, text: str) -> str:
            return {"There are %(most)s keys.": "Es gibt %(most)s Schlüssel."}[text]

    monkeypatch.setattr(language, "translations", lambda _language: German())
    with app.test_request_context("/"):
        assert language.said(Unusable("There are %(most)s keys.", most=20)) == "Es gibt 20 Schlüssel."


def test_what_stops_a_sign_in_is_said_in_the_language_of_the_browser(
    anyone: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = {
        "This did not start here": "Das hat nicht hier begonnen",
        "The answer from %(crm)s belongs to nothing that was started in this browser, or it was used before.":
            "Die Antwort von %(crm)s gehört zu nichts.",
        "What to do:": "Was zu tun ist:",
    }  # fmt: skip

    class German(NullTranslations):
        def ugettext(self, message: str) -> str:
            return german.get(message, message)

    monkeypatch.setattr(language, "translations", lambda _language: German())
    answer = anyone.get("/oauth/hubspot/callback?state=x&code=y", headers={"Accept-Language": "de"})
    assert answer.status_code == 400
    told = [each for each in ("Das hat nicht hier begonnen", "Die Antwort von HubSpot gehört", "Was zu tun ist:")
            if each not in answer.text]  # fmt: skip
    assert not told


# The catalogues


@pytest.fixture(scope="module")
def english() -> Catalog:
    """Every English text of the console."""
    return console_texts.template()


@pytest.mark.parametrize("spoken", OTHERS)
def test_the_catalogue_is_what_make_catalogues_writes(english: Catalog, spoken: str) -> None:
    assert console_texts.path_of(spoken).read_bytes() == console_texts.updated(spoken, english), "run `make catalogues`"


@pytest.mark.parametrize("spoken", OTHERS)
def test_every_sentence_is_translated(spoken: str) -> None:
    said = [each for each in console_texts.read(spoken) if each.id]
    forms = {str(each.id): each.string if isinstance(each.string, tuple) else (each.string,) for each in said}
    assert [english for english, found in forms.items() if not all(found)] == []
    assert len(said) > 1000


def test_a_sentence_that_stands_apart_from_where_a_desk_raises_it_is_marked() -> None:
    for path in Path(desk.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        plain = {
            ast.unparse(each.targets[0])
            for each in tree.body
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
        }
        raised = {
            name.id
            for each in ast.walk(tree)
            if isinstance(each, ast.Call) and ast.unparse(each.func) in console_texts.RAISED
            for name in ast.walk(each.args[0])
            if isinstance(name, ast.Name)
        }
        assert not plain & raised, f"{path.name}: without sentence() nobody translates it"


def places(text: str) -> set[str]:
    """Return the places for values in a text; a per cent sign that is none would break it."""
    plain = text.replace("%%", "")
    found = set(re.findall(r"%\((\w+)\)s", plain))
    assert "%" not in re.sub(r"%\(\w+\)s", "", plain), text
    return found


def english_of(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else [str(each) for each in message.id]


@pytest.mark.parametrize("spoken", OTHERS)
def test_a_translation_has_the_places_for_values_and_the_tags_of_its_english(spoken: str) -> None:
    for message in console_texts.read(spoken):
        if not message.id:
            continue
        wanted = set().union(*(places(each) for each in english_of(message) if message.python_format))
        tags = sorted(re.findall(r"</?\w+", english_of(message)[-1]))
        for told in console_texts.forms(message):
            if told:
                found = places(told) if message.python_format else set()
                assert found <= wanted, (message.id, told)
                assert wanted - found <= {"num", "count", "shown"}, (message.id, told)
                assert sorted(re.findall(r"</?\w+", told)) == tags, (message.id, told)
