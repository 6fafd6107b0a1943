"""Every page at the width of a phone in the languages of the longest words: what is short in English is not there."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.conftest import Served
from tests.browser.test_pages import EVERY, window

PHONE = 360
TOO_WIDE = """(width) => [...document.querySelectorAll('body *')].filter(
    (each) => each.getBoundingClientRect().right > width && !each.closest('.scroll')).slice(0, 3).map(
    (each) => each.textContent.trim().slice(0, 60))"""
pytestmark = pytest.mark.timeout(180)  # each goes through all pages


@pytest.mark.parametrize("language", ["de", "fr"])
def test_no_page_scrolls_sideways_where_words_are_long(served: Served, opened: Chromium, language: str) -> None:
    windows = window(served, opened, width=PHONE, theme="light", language=language)
    heard, wrong = next(windows), dict[str, Any]()
    for path in EVERY:
        heard.open(path.format(id=served.install.id))
        assert heard.page.evaluate("document.documentElement.lang") == language
        if heard.page.evaluate("document.documentElement.scrollWidth") > PHONE:
            wrong[path] = heard.page.evaluate(TOO_WIDE, PHONE)
    next(windows, None)
    assert wrong == {}
