"""In which language and in whose time a page is told: what the viewer chose, else what their browser says.

A choice stands in a cookie of its own, so that it outlives the session. Sentences of ``rules`` come in the same
language. Templates and views say theirs by gettext; the catalogues are the ``.po`` files beside the code, read when a
language is first spoken. ``make catalogues`` brings them up to date.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, gettext
from sqlalchemy.exc import SQLAlchemyError

from connector.desk.faults import DeskError
from connector.store import installs, tellings
from connector.web.access import rep, services, who
from rules.wording import catalogue
from rules.wording.retold import retold

LANGUAGES = {"en": "English", "pt_BR": "Português (Brasil)", "es": "Español", "fr": "Français", "de": "Deutsch"}
"""What the console speaks, each by its own name."""
LANGUAGE, ZONE, BROWSER_ZONE = "language", "zone", "browser_zone"
"""The cookies: the chosen language, the chosen zone, and the zone that the browser's own clock runs in."""
UTC_ZONE = ZoneInfo("UTC")


class Catalogues(Domain):  # type: ignore[misc]
    """The console's catalogues, straight from their ``.po`` files."""

    def get_translations(self) -> NullTranslations:
        """Return what the language of this request says; English is what stands in the code."""
        return translations(catalogue.spoken())


def teach(app: Flask) -> None:
    """Let every request of `app` be answered in its viewer's language, and its templates say ``_`` and ``trans``."""
    babel = Babel(app, locale_selector=catalogue.spoken)
    babel.domain_instance = Catalogues(domain="console")
    app.jinja_env.policies["ext.i18n.trimmed"] = True  # a sentence may be broken into lines in a template
    app.jinja_env.globals.update(
        languages=LANGUAGES, spoken=catalogue.spoken, zone_name=lambda: zone().key, way_back=way_back
    )
    app.before_request(_speak)
    app.teardown_request(_hush)


def way_back() -> str:
    """Return where a page is shown again in another language; the front page for what came by a form, or went wrong.

    An address that led to a fault may hold anything, and that of a way in holds the CRM's code: neither is repeated.
    """
    of_a_page = request.method == "GET" and request.endpoint and not request.endpoint.startswith("oauth.")
    return request.full_path.rstrip("?") if of_a_page and "fault" not in g else "/"


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> NullTranslations:
    """Return the catalogue of one of LANGUAGES; what is empty or fuzzy in it is said in English."""
    if language == catalogue.ENGLISH:
        return NullTranslations()
    text = files("connector.web").joinpath("locale", language, "LC_MESSAGES", "console.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale=language))
    compiled.seek(0)
    return Translations(compiled, domain="console")


def language() -> str:
    """Return the language to answer this request in.

    It is the viewer's choice, else that of the install they are signed in to, else the first of the browser's we speak.
    """
    choice = request.cookies.get(LANGUAGE, "")
    if choice in LANGUAGES:
        return choice
    if found := _of_install():
        return found
    for tag, _quality in request.accept_languages:
        found = catalogue.chosen(tag)
        if found != catalogue.ENGLISH or tag.partition("-")[0].lower() == catalogue.ENGLISH:
            return found
    return catalogue.ENGLISH


def _of_install() -> str:
    """Return what the install of whoever is signed in has chosen for its console; "" for nothing.

    Only the session says which one that is: what stands in an address would tell strangers what there is.
    """
    person = who() or rep()
    if person is None or request.endpoint == "static":
        return ""
    try:
        with services().database.read() as connection:
            install = installs.by_tenant(connection, person.crm, person.tenant_id)
            return tellings.console(connection, install.id) if install else ""
    except SQLAlchemyError:  # the page that tells it must be said in some language
        return ""


def zone() -> ZoneInfo:
    """Return the zone that times are told in: the viewer's choice, else their browser's, else UTC."""
    if not has_request_context():
        return UTC_ZONE
    if "zone" not in g:
        g.zone = known_zone(request.cookies.get(ZONE, "")) or known_zone(request.cookies.get(BROWSER_ZONE, ""))
    return g.zone or UTC_ZONE


def known_zone(name: str) -> ZoneInfo | None:
    """Return the zone of this name; None for what is none, as a cookie may say anything."""
    if name not in _zones():
        return None
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return None


def zones() -> list[str]:
    """Return the zones to choose from, by name: places, and UTC."""
    return ["UTC", *sorted(name for name in _zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))]


def said(error: DeskError) -> str:
    """Return why a desk could not do as asked, in the viewer's language."""
    told = gettext(error.sentence)
    if told == error.sentence:  # a job's, or one that is told wherever else it comes up
        told = retold(told, "work", said=catalogue.ENGLISH)
    return str(told % error.values if error.values else told)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _speak() -> None:
    g.tongue = ExitStack()
    g.tongue.enter_context(catalogue.speaking(language()))


def _hush(_error: BaseException | None) -> None:
    if tongue := g.pop("tongue", None):
        tongue.close()
