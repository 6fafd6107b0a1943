"""What templates need to say numbers, times and addresses; the sentences themselves stand in the templates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask import Flask, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connector.desk import retelling
from connector.desk.called import lead_name
from connector.store.installs import Install
from connector.web import language
from connector.web.access import rep, services, who
from rules.model import Kind
from rules.wording import catalogue
from rules.wording.called import field_word

FIELDS: Mapping[str, Any] = {
    "annual_revenue": _l("Annual revenue"), "email": _l("E-mail"), "employees": _l("Number of employees"),
    "lifecycle": _l("Lifecycle stage"), "mobile": _l("Mobile phone"), "revenue": _l("Annual revenue"),
    "source": _l("Lead source"), "title": _l("Job title"),
}  # fmt: skip
"""What a field of ours is called where it is the name of a row, as far as that is not its word within a sentence."""
STATIC = Path(__file__).parent / "static"
Unit: TypeAlias = Literal["day", "hour", "minute", "second"]
UNITS: tuple[tuple[Unit, int], ...] = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HUBSPOT_TYPES = {"lead": "0-1", "contact": "0-1", "account": "0-2"}
"""HubSpot's object type ids, as they stand in the addresses of its record pages."""
LEAD = "0-136"
"""That of a lead, where leads are routed."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a moment is from now: a count of the largest fitting unit, behind us or ahead."""

    count: int
    unit: Unit
    ahead: bool


def teach(app: Flask) -> None:
    """Give the templates of `app` their filters and the few names that every page uses."""
    app.jinja_env.filters.update(iso=iso, utc=utc, clock=clock, number=number, percent=percent, duration=duration)
    app.jinja_env.filters.update(moment=moment, day=day, hour=hour, far=far, retold=retelling.reason)
    app.jinja_env.globals.update(asset=asset, record_url=record_url, distance=distance, local=local)
    app.jinja_env.filters.update(field=field)
    app.jinja_env.globals.update(lead_name=lead_name)

    @app.context_processor
    def every_page() -> dict[str, Any]:
        return {"now": services().clock(), "who": who(), "rep": rep()}


def field(name: str) -> str:
    """Return what people call a field of ours (``postal_code``), as the name of a row; a CRM's own field as it is."""
    if name in FIELDS:
        return str(FIELDS[name])
    plain = field_word(name) or (name if "__" in name or not name.islower() else name.replace("_", " "))
    return plain[:1].upper() + plain[1:] if name.islower() else plain


def iso(moment: datetime) -> str:
    """Return a moment for the ``datetime`` attribute of ``<time>``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def utc(moment: datetime) -> str:
    """Return a moment to the second with its zone, the viewer's: ``22 Nov 2026, 09:22:03 UTC``."""
    zone = language.zone()
    return f"{_at(moment.astimezone(zone), 'Hms')} {zone.key}"


def moment(at: datetime) -> str:
    """Return a moment for people, by the viewer's own clock: ``22 Nov 2026, 09:22``."""
    return _at(at.astimezone(language.zone()), "Hm")


def hour(at: datetime) -> str:
    """Return the time of day without seconds, by the viewer's clock: ``09:00``."""
    return format_skeleton("Hm", at.astimezone(language.zone()), language.zone(), locale=_locale())


def day(at: date) -> str:
    """Return a day for people, that of the viewer's own calendar: ``22 Nov 2026``."""
    there = at.astimezone(language.zone()) if isinstance(at, datetime) else at
    return format_skeleton("yMMMd", there, getattr(there, "tzinfo", None), locale=_locale())


def local(moment: datetime, zone: str) -> str:
    """Return a moment as somebody's own clock shows it: ``22 Nov 2026, 10:22 Europe/Paris``."""
    try:
        there = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return utc(moment)
    return f"{_at(there, 'Hm')} {zone}"


def clock(moment: datetime) -> str:
    """Return the time of day with milliseconds, by the viewer's clock: ``09:22:03.120``."""
    return moment.astimezone(language.zone()).strftime("%H:%M:%S.%f")[:-3]


def distance(moment: datetime) -> Distance:
    """Return how far `moment` is from now; 0 seconds when it is the same second."""
    seconds = round((moment - services().clock()) / timedelta(seconds=1))
    for unit, length in UNITS:
        if abs(seconds) >= length:
            return Distance(abs(seconds) // length, unit, seconds > 0)
    return Distance(0, "second", ahead=False)


def far(moment: datetime) -> str:
    """Return how far a moment is from now: ``3 minutes ago``, ``in 2 hours``, ``just now``."""
    found = distance(moment)
    if not found.count:
        return str(_("just now"))
    away = timedelta(**{f"{found.unit}s": found.count if found.ahead else -found.count})
    return format_timedelta(away, granularity=found.unit, threshold=1, add_direction=True, locale=_locale())


def number(value: float) -> str:
    """Return a number with its thousands apart: ``12,345``."""
    return format_decimal(value, locale=_locale())


def percent(share: float) -> str:
    """Return a share (0 to 1) as per cent; never rounded up to 100 % or down to 0 %."""
    whole = round(share * 100)
    if whole == 100 and share < 1:  # noqa: PLR2004 - per cent
        return str(_("over %(share)s", share=_percent(0.99)))
    if whole == 0 and share > 0:
        return str(_("under %(share)s", share=_percent(0.01)))
    return _percent(whole / 100)


def duration(milliseconds: float) -> str:
    """Return a length of time with its unit: ``340 ms``, ``2.1 s``, ``3 min 5 s``."""
    whole = round(milliseconds)
    if whole < SECOND_MS:
        return f"{whole} ms"
    if whole < MINUTE_MS:
        return f"{format_decimal(round(whole / SECOND_MS, 1), '0.0', locale=_locale())} s"
    minutes, seconds = divmod(whole // SECOND_MS, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def _locale() -> str:
    """Return how numbers and dates are written; English as most of the world has it: 22 Nov 2026, 14:05."""
    spoken = catalogue.spoken()
    return "en_GB" if spoken == catalogue.ENGLISH else spoken


def _at(there: datetime, time_of_day: str) -> str:
    """Return day and time of a moment in its own zone; `time_of_day` is CLDR's skeleton of it (``Hm``)."""
    spoken = _locale()
    date_of_it = format_skeleton("yMMMd", there, there.tzinfo, locale=spoken)
    return f"{date_of_it}, {format_skeleton(time_of_day, there, there.tzinfo, locale=spoken)}"


def _percent(share: float) -> str:
    # The sentences of the rules write 97 % in English, too.
    english = catalogue.spoken() == catalogue.ENGLISH
    return format_percent(share, "#,##0 %" if english else None, locale=_locale())


def record_url(install: Install, kind: Kind | None, record_id: str | None) -> str:
    """Return the address of a record's page in the CRM; empty when it has none that we know."""
    if not record_id:
        return ""
    if install.crm == "salesforce":
        return f"{install.base_url}/{quote(record_id, safe='')}"
    object_type = LEAD if kind == "lead" and install.routes != "contacts" else HUBSPOT_TYPES.get(kind or "")
    if object_type is None:
        return ""
    # The portal's own host: app.hubspot.com, or that of its region (app-eu1...).
    portal = quote(install.tenant_id, safe="")
    return f"{install.base_url}/contacts/{portal}/record/{object_type}/{quote(record_id, safe='')}"


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so browsers may keep it for a year."""
    return url_for("static", filename=name, v=_fingerprint(name))
