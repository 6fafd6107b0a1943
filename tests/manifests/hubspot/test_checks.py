"""The project's own checks, run by its tools: types, rules, format, and every state of cards and settings."""

from __future__ import annotations

import json

from tests.manifests.hubspot.project_files import ROOT, run


def test_cards_and_settings_behave_in_every_state_and_the_project_is_valid() -> None:
    """Vitest holds the threshold of coverage; HubSpot's own parser reads the project, with our schemas of its parts."""
    assert "All files" in run("vitest", "run", "--coverage")


def test_types_are_strict_and_hold() -> None:
    run("tsc", "--noEmit")


def test_the_vendors_rules_for_extensions_hold() -> None:
    run("eslint", "--max-warnings", "0", ".")


def test_everything_is_formatted() -> None:
    run("prettier", "--log-level", "warn", "--check", ".")


def test_the_lock_file_names_no_place_to_get_packages() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert [name for name, package in locked.items() if "resolved" in package and not package.get("link")] == []
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked


def test_hubspots_build_and_our_tests_share_code_between_the_same_folders() -> None:
    ours = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["workspaces"]
    theirs = json.loads((ROOT / "src" / "app" / "package.json").read_text(encoding="utf-8"))["workspaces"]
    found = {str(folder.relative_to(ROOT)) for pattern in theirs for folder in (ROOT / "src" / "app").glob(pattern)}
    assert found == set(ours)
