"""What is installed is pinned by hash, and what runs in production is a part of what is tested, version by version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-run.lock")
_PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<where>[^\\]+))?", re.MULTILINE)
_BLOCK = re.compile(r"^[a-z0-9].*(?:\n    .*)*", re.MULTILINE)


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Every package of a lock file: name, version, and where it applies."""
    text = (ROOT / lock).read_text()
    return {(found["name"], found["version"], (found["where"] or "").strip()) for found in _PIN.finditer(text)}


def wanted(*extras: str) -> set[str]:
    """The packages that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_production_runs_the_very_versions_that_are_tested() -> None:
    tested = {(name, version) for name, version, _ in pins("requirements.lock")}
    assert {(name, version) for name, version, _ in pins("requirements-run.lock")} <= tested


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ("dev",)), ("requirements-run.lock", ())])
def test_a_lock_has_all_that_the_project_asks_for(lock: str, extras: tuple[str, ...]) -> None:
    assert wanted(*extras) <= {name for name, _, _ in pins(lock)}


def test_no_tool_of_the_tests_runs_in_production() -> None:
    assert {"pytest", "playwright", "mypy", "schemathesis"}.isdisjoint(
        name for name, _, _ in pins("requirements-run.lock")
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash_and_none_names_where_it_comes_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    blocks = [block for block in _BLOCK.findall(text) if "==" in block]
    assert len(blocks) == len(_PIN.findall(text)) > 50
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_the_image_is_made_of_the_same_locks_and_packages() -> None:
    text = (ROOT / "Containerfile").read_text()
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
        "packages"
    ]
    assert all(f"COPY {each} {each}" in text for each in packages)
    assert text.count("--require-hashes") == len(LOCKS)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{each}" for each in (*packages, *LOCKS)} <= set(ignored)


def test_an_audit_that_could_not_ask_about_a_package_does_not_pass() -> None:
    """Without `--strict` pip-audit passes over what the index does not know, and ends with 0 when that was all."""
    (line,) = [each for each in (ROOT / "Makefile").read_text().splitlines() if "pip-audit" in each]
    assert "--strict" in line.split()
