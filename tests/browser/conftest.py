"""One product, furnished and served, and one browser, for all tests of the pages in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ViewportSize
from werkzeug.serving import make_server

from connector.app import create_app
from connector.desk import support as leave
from connector.store.base import Database, metadata
from connector.store.installs import Install
from tests.browser import chromium, furnished
from tests.browser.viewers import Cookies, Viewer
from tests.connector.web.kit import Browser, House, browser, settings
from tests.connector.web.sellers import rep_of

Theme: TypeAlias = Literal["light", "dark"]


@dataclass(frozen=True)
class Served:
    """The product at an address of this machine, a furnished org and a furnished portal, and the cookies of people."""

    app: Flask
    house: House
    install: Install
    portal: Install
    address: str
    cookies: Mapping[Viewer, Cookies]

    def open(
        self, opened: Chromium, *, width: int, theme: Theme, language: str = "en-GB", viewer: Viewer = "admin"
    ) -> BrowserContext:
        """Return a browser window in which somebody is signed in."""
        size: ViewportSize = {"width": width, "height": 900}
        context = opened.new_context(viewport=size, color_scheme=theme, locale=language, timezone_id="Europe/Paris")
        context.add_cookies(
            [{"name": name, "value": value, "url": self.address} for name, value in self.cookies[viewer]]
        )
        context.set_default_timeout(10_000)
        return context


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder / 'switchyard.sqlite'}"
    database = Database(url)
    metadata.create_all(database.engine)
    database.close()
    house = House(settings(database_url=url, data_dir=folder, public_url="http://127.0.0.1"))
    install = furnished.furnish(house)
    portal = furnished.furnish(house, "hubspot", furnished.PORTAL, furnished.PORTALS_KEY)
    app = create_app(house)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    cookies = _everybody(app, house, install, portal)
    yield Served(app, house, install, portal, f"http://127.0.0.1:{server.server_port}", cookies)
    server.shutdown()
    thread.join()
    house.close()


@pytest.fixture(scope="module")
def opened() -> Iterator[Chromium]:
    """Chromium for one file: while it runs, Playwright's event loop does too, and no other may run in this process."""
    with chromium.running() as found:
        yield found


@pytest.fixture
def context(served: Served, opened: Chromium) -> Iterator[BrowserContext]:
    """A wide window in which an administrator is signed in."""
    with served.open(opened, width=1280, theme="light") as found:
        yield found


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the pages are kept; nobody compares them, people look at them."""
    folder = Path(__file__).parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _everybody(app: Flask, house: House, install: Install, portal: Install) -> dict[Viewer, Cookies]:
    admin, hubspot, support = browser(app), browser(app), browser(app)
    admin.sign_in("salesforce", furnished.ORG, furnished.ALICE)
    hubspot.sign_in("hubspot", furnished.PORTAL, furnished.ALICE)
    made = leave.make(house, install, hours=4, by=furnished.ALICE)
    token = support.page("/support").select_one("main input[name=csrf_token]")
    assert token is not None
    entered = support.post("/support", data={"csrf_token": str(token["value"]), "code": made.code, "name": "Sue"})
    assert entered.status_code == 303
    return {
        "admin": _cookies(app, admin),
        "hubspot": _cookies(app, hubspot),
        "support": _cookies(app, support),
        "manager": _cookies(app, rep_of(app, install, furnished.BOB)),
        "rep": _cookies(app, rep_of(app, install, furnished.CLEO)),
    }


def _cookies(app: Flask, client: Browser) -> Cookies:
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name, domain="route.example.com")
    assert cookie is not None
    return ((name, cookie.value),)
