"""The pages on Salesforce say what is so: tests that they name exist, words that they quote are the product's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import QUOTED, ROOT, absent, pages, plain, rows, section, unsaid

PAGES = pages("salesforce")
PACKAGE = ROOT / "manifests" / "salesforce" / "force-app" / "main" / "default"
LABELS = sorted((PACKAGE / "labels").glob("*.xml"))


def page(name: str) -> str:
    return (ROOT / "docs" / "salesforce" / name).read_text(encoding="utf-8")


def names(folder: str, element: str) -> set[str]:
    """The texts of one element in all files below a folder of the package."""
    written = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / folder).rglob("*.xml"))
    return set(re.findall(rf"<{element}>([^<]+)</{element}>", written))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_test_that_a_page_names_exists(path: Path) -> None:
    assert absent(path) == []


def test_the_pages_that_name_tests_name_many() -> None:
    assert len(re.findall(r"`tests/[\w/]+\.py::", page("test-evidence.md"))) > 200
    assert len(re.findall(r"`tests/[\w/]+\.py::", page("security-review.md"))) > 50


def test_every_threat_and_every_pitfall_has_a_test() -> None:
    told = rows(section(page("security-review.md"), "Threats"))
    told += rows(section(page("test-evidence.md"), "Pitfalls of the platform and the tests that prove them"))
    assert len(told) > 100
    assert [row for row in told if "`tests/" not in row] == []


def test_every_message_in_the_table_of_troubles_is_one_that_the_product_says() -> None:
    table = section(page("setup.md"), "11. When something is wrong")
    assert len(QUOTED.findall(table)) > 30
    assert unsaid(table, *LABELS) == []


def test_every_reason_why_an_install_or_sign_in_fails_is_in_the_table_of_troubles() -> None:
    table = section(page("setup.md"), "11. When something is wrong")
    for title in (
        "Install the package first",
        "You are not approved for this app",
        "blocked the address",
        "The API is switched off",
        "This needs an administrator",
        "You are not in the list of users",
        "That is not a Salesforce address",
    ):
        assert f"“{title}”" in table, title


def test_the_guide_names_permission_sets_reports_and_the_card_as_the_package_does() -> None:
    guide = plain(page("setup.md"))
    for label in names("permissionsets", "label"):
        assert f"| {label} |" in guide
    reports = plain(section(page("setup.md"), "9. Cards, reports, dashboard"))
    told = reports.split("among them ", 1)[1].split("? - **Dashboard**", 1)[0]
    assert {each.strip() for each in f"{told}?".split(",")} <= names("reports/Switchyard", "name")
    assert "**Lead routing (Switchyard)**" in guide
    assert "Lead routing (Switchyard)" in names("lwc/routingCard", "masterLabel")
    assert {"Routing Audits", "Matched Leads"} <= names("objects", "relationshipLabel")


def test_the_guide_leaves_no_place_of_ours_out() -> None:
    for link in ("permissions.md", "../fields.md", "../rules.md", "../simulation.md", "../undo.md", "../security.md"):
        assert f"({link}" in page("setup.md"), link
