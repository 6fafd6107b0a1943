"""The browser of this machine, run by Playwright without a window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str:
    """Return the path of Chromium; without one, say what to install."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise RuntimeError("Install Chromium (Debian: apt-get install chromium) to run the tests in the browser.")


@contextmanager
def running() -> Iterator[Browser]:
    """Run one Chromium; root may only without its sandbox, and what it opens is our own."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=[*flags, "--disable-gpu"])
        yield browser
        browser.close()
