"""The pages on Salesforce say what is so: tests that they name exist, words that they quote are the product's."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "salesforce").glob("*.md"))
PACKAGE = ROOT / "manifests" / "salesforce" / "force-app" / "main" / "default"
QUOTED = re.compile(r"“([^”]+)”")


def page(name: str) -> str:
    return (ROOT / "docs" / "salesforce" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands between a heading and the next of its level."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def plain(text: str) -> str:
    return " ".join(text.split())


@cache
def spoken() -> str:
    """Every text in our code, our templates and the package's labels."""
    texts = []
    for folder in ("connector", "oauth", "jobs"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts += [
                node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "connector" / "web" / "templates").rglob("*.html")]
    texts += [path.read_text(encoding="utf-8") for path in (PACKAGE / "labels").glob("*.xml")]
    return plain("\n".join(texts))


def names(folder: str, element: str) -> set[str]:
    """The texts of one element in all files below a folder of the package."""
    written = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / folder).rglob("*.xml"))
    return set(re.findall(rf"<{element}>([^<]+)</{element}>", written))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_test_that_a_page_names_exists(path: Path) -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", path.read_text(encoding="utf-8")):
        source = ROOT / file
        assert source.exists(), file
        assert not name or re.search(rf"def {name}\(", source.read_text(encoding="utf-8")), f"{file}::{name}"


def test_the_pages_that_name_tests_name_many() -> None:
    assert len(re.findall(r"`tests/[\w/]+\.py::", page("test-evidence.md"))) > 200
    assert len(re.findall(r"`tests/[\w/]+\.py::", page("security-review.md"))) > 50


def test_every_threat_and_every_pitfall_has_a_test() -> None:
    rows = section(page("security-review.md"), "Threats").splitlines()
    rows += section(page("test-evidence.md"), "Pitfalls of the platform and the tests that prove them").splitlines()
    told = [row for row in rows if row.startswith("| ") and not row.startswith(("| threat", "| pitfall"))]
    assert len(told) > 100
    assert [row for row in told if "`tests/" not in row] == []


def test_every_message_in_the_table_of_troubles_is_one_that_the_product_says() -> None:
    rows = [row for row in section(page("setup.md"), "11. When something is wrong").splitlines() if row.startswith("|")]
    quoted = [message for row in rows for message in QUOTED.findall(row.split("|")[1])]
    assert len(quoted) > 30
    assert [message for message in quoted if plain(message) not in spoken()] == []


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
