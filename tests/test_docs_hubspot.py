"""The pages on HubSpot say what is so: tests that they name exist, words that they quote are the product's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from connector.hubspot.schemas import COMPANY_PROPERTIES, CONTACT_PROPERTIES, GROUP
from oauth.hubspot import JOURNAL_SCOPES, OPTIONAL_SCOPES, REQUIRED_SCOPES
from tests.manifests.hubspot.project_files import APP, SOURCE, config, metas
from tests.pages import QUOTED, ROOT, absent, pages, plain, rows, section, spoken, unsaid

PAGES = pages("hubspot")
TEXTS = APP / "packages" / "ui" / "locale" / "en.json"
TROUBLES = "12. When something is wrong"
VERBS = {"read": "to Switchyard", "write": "to HubSpot"}


def page(name: str) -> str:
    return (ROOT / "docs" / "hubspot" / name).read_text(encoding="utf-8")


def cells(row: str) -> list[str]:
    """The cells of a row."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_test_that_a_page_names_exists(path: Path) -> None:
    assert absent(path) == []


def test_every_pitfall_has_a_test_by_name() -> None:
    told = rows(section(page("test-evidence.md"), "Pitfalls of the platform and the tests that prove them"))
    assert len(told) > 120
    assert [row for row in told if not re.search(r"`tests/[\w/]+\.py::test_\w+`", row)] == []


def test_every_message_in_the_table_of_troubles_is_one_that_the_product_says() -> None:
    table = section(page("setup.md"), TROUBLES)
    assert len(QUOTED.findall(table)) > 40
    assert unsaid(table, TEXTS) == []


def test_what_the_check_is_said_to_end_with_is_what_it_says() -> None:
    quoted = QUOTED.findall(section(page("setup.md"), "3. Read the check"))
    assert [message for message in quoted if plain(message) not in spoken(TEXTS)] == []


def test_every_reason_why_an_install_or_sign_in_fails_is_in_the_table_of_troubles() -> None:
    table = section(page("setup.md"), TROUBLES)
    for title in (
        "This did not start here",
        "That took too long",
        "did not accept the sign-in",
        "Access was not granted",
        "Not connected yet",
        "refused the request",
        "does not answer",
    ):
        assert f"“{title}”" in table, title


def test_the_guide_names_lines_of_the_check_cards_and_the_action_as_the_product_does() -> None:
    guide = plain(page("setup.md"))
    lines = rows(section(page("setup.md"), "3. Read the check"))
    for name in (each for row in lines for each in cells(row)[0].split(", ")):
        assert f"\n{name}\n" in "\n".join(["", *_constants(), ""]), name
    for each in metas("cards").values():
        assert f"*{each['name']}*" in guide, each["name"]
    assert f"**{config('workflow-actions/route')['labels']['en']['actionName']}**" in guide


def _constants() -> list[str]:
    """The texts of the check's own code that stand alone."""
    files = [ROOT / "connector" / "hubspot" / name for name in ("checks.py", "routed.py", "timeline.py")]
    return [text for path in files for text in re.findall(r'"([^"\n]+)"', path.read_text(encoding="utf-8"))]


def test_properties_and_their_values_are_named_as_they_are_made() -> None:
    made = {each["label"]: each for each in (*CONTACT_PROPERTIES, *COMPANY_PROPERTIES)}
    values = {option["label"] for each in made.values() for option in each.get("options", ())}
    recipe = page("workflow-recipe.md")
    named = set(re.findall(r"\*\*(Switchyard [a-z ]+)\*\*", recipe)) | set(
        re.findall(r"\{\{ (Switchyard .+?) \}\}", recipe)
    )
    assert len(named) > 4
    assert named <= made.keys()
    assert set(re.findall(r"any of \*\*(\w+)\*\*", recipe)) | {"Late", "Never"} <= values
    assert GROUP["label"] == "Switchyard"
    storage = page("storage.md")
    assert [each["name"] for each in made.values() if f"`{each['name']}`" not in storage] == []


def test_the_dossier_lists_the_scopes_of_the_project_and_of_the_code_with_a_reason_each() -> None:
    told = [cells(row) for row in rows(section(page("listing.md"), "Scopes"))]
    by_kind = {kind: [name.strip("`") for name, each, _ in told if each == kind] for kind in ("required", "optional")}
    auth = config("app")["auth"]
    assert by_kind == {"required": auth["requiredScopes"], "optional": auth["optionalScopes"]}
    assert by_kind == {"required": list(REQUIRED_SCOPES), "optional": list(OPTIONAL_SCOPES)}
    assert [name for name, _, why in told if not why] == []
    assert auth["conditionallyRequiredScopes"] == []
    assert [scope for scope in JOURNAL_SCOPES if f"`{scope}`" not in section(page("listing.md"), "Scopes")] == []


def test_the_table_of_shared_data_has_every_scoped_object_with_its_direction() -> None:
    scopes = set(REQUIRED_SCOPES) | set(OPTIONAL_SCOPES)
    told = [cells(row) for row in rows(section(page("listing.md"), "Shared data"))]
    shared = {name: (direction, set(re.findall(r"`([\w.]+)`", named))) for name, direction, _, named in told}
    assert set().union(*(named for _, named in shared.values())) == scopes - {"oauth"}
    for each in {scope.split(".")[2] for scope in scopes if scope.startswith("crm.objects.")}:
        mine = {scope for scope in scopes if scope.startswith(f"crm.objects.{each}.")}
        ways = [VERBS[scope.rsplit(".", 1)[1]] for scope in sorted(mine)]
        name = {"custom": "Custom objects"}.get(each, each.capitalize())
        assert shared[name] == ("bidirectional" if len(ways) > 1 else ways[0], mine), name


def test_what_is_called_a_placeholder_is_what_the_project_has() -> None:
    table = section(page("listing.md"), "Placeholders")
    support, profile = config("app")["support"], json.loads((SOURCE / "hsprofile.production.json").read_text())
    for value in (support["supportEmail"], support["supportPhone"], profile["variables"]["HOST"]):
        assert f"`{value}`" in table, value
    assert {support["documentationUrl"], support["supportUrl"]} == {"${HOST}/docs", "${HOST}/support"}


def test_the_guide_leaves_no_place_of_ours_out() -> None:
    for link in ("storage.md", "leads.md", "workflow-recipe.md", "listing.md", "../fields.md", "../rules.md"):
        assert f"({link}" in page("setup.md"), link
    for link in ("../simulation.md", "../undo.md", "../security.md"):
        assert f"({link}" in page("setup.md"), link
