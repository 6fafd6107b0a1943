"""The pages of an install as its navigation shows them: in which group, by which name, and who may see them.

A template says where it is by ``{% set here = "rules" %}``, one of these names. A page whose endpoint is not registered
is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import lazy_gettext as _l

from connector.desk.roles import Part
from connector.store.installs import Install
from connector.web.access import may_see


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: `name` is what templates call it, `endpoint` takes an install_id, `words` are said lazily."""

    name: str
    endpoint: str
    words: Any
    part: Part


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that belong together; the first group has no title."""

    title: Any
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of one install: its address, its words, and whether the page is it or below it."""

    name: str
    url: str
    words: str
    is_here: bool


GROUPS: tuple[Group, ...] = (
    Group(
        "",
        (
            Place("home", "console.install", _l("Home"), "home"),
            Place("activity", "decisions.listing", _l("Activity"), "activity"),
            Place("reports", "reports.page", _l("Reports"), "reports"),
        ),
    ),
    Group(
        _l("Needs a person"),
        (
            Place("reviews", "reviews.listing", _l("Matches to review"), "duplicates"),
            Place("duplicates", "duplicates.listing", _l("Duplicates"), "duplicates"),
        ),
    ),
    Group(
        _l("Routing"),
        (
            Place("rules", "rules.listing", _l("Rules"), "rules"),
            Place("pools", "pools.listing", _l("Pools and people"), "people"),
            Place("matching", "matching.page", _l("Matching"), "matching"),
            Place("fields", "mapping.listing", _l("Fields"), "matching"),
            Place("preview", "preview.page", _l("Preview"), "preview"),
            Place("simulation", "simulation.listing", _l("Simulation"), "rules"),
            Place("runs", "runs.listing", _l("Backfill"), "matching"),
            Place("cleanup", "cleanup.listing", _l("Clean-up"), "duplicates"),
        ),
    ),
    Group(
        _l("This connection"),
        (
            Place("settings", "settings.page", _l("Settings"), "settings"),
            Place("access", "access.listing", _l("Access and keys"), "access"),
            Place("changes", "changes.listing", _l("Changes"), "changes"),
            Place("check", "console.check", _l("Permission check"), "access"),
            Place("health", "support.page", _l("Health"), "health"),
        ),
    ),
)


def teach(app: Flask) -> None:
    """Give the templates of `app` the navigation of an install."""
    app.jinja_env.globals.update(places=places, place_url=place_url)


def place_url(name: str, install: Install) -> str:
    """Return the address of a place of an install by its name; empty when there is no such page for the viewer."""
    for group in GROUPS:
        for each in group.places:
            if each.name == name and each.endpoint in current_app.view_functions and may_see(each.part):
                return url_for(each.endpoint, install_id=install.id)
    return ""


def places(install: Install, here: str) -> list[tuple[str, list[Entry]]]:
    """Return the groups of an install's navigation with their titles, as far as the viewer may see them."""
    found = []
    for group in GROUPS:
        entries = [
            Entry(each.name, url_for(each.endpoint, install_id=install.id), str(each.words), each.name == here)
            for each in group.places
            if each.endpoint in current_app.view_functions and may_see(each.part)
        ]
        if entries:
            found.append((str(group.title), entries))
    return found
