"""What is installed is pinned by hash, and what runs in production is a part of what is tested, version by version."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from werkzeug.serving import make_server

from tests import locks
from tests.local.processes import free_port

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-run.lock")
SOON_LISTED = [each for each in locks.LOCKS if each.is_npms or each.bill == "peer-splink"]
"""The bills that take a second or two; those of our own requirements take ten."""
_PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<where>[^\\]+))?", re.MULTILINE)
_LOCK = re.compile(
    r"(^|/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|[^/]*\.lock|[^/]*requirements[^/]*\.txt|requirements/[^/]+\.txt)$"
)
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
    begun = re.findall(r"^(?:ARG|FROM) (\S+)", text, re.MULTILINE)
    assert begun == ["PYTHON_IMAGE=python:3.13-slim", "${PYTHON_IMAGE}", "${PYTHON_IMAGE}"], "whoever pins it pins both"
    assert "--build-arg PYTHON_IMAGE=" in (ROOT / "docs" / "deploying.md").read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{each}" for each in (*packages, *LOCKS)} <= set(ignored)


@pytest.mark.parametrize("command", ["sbom", "audit"])
def test_every_lock_file_is_listed_and_audited(command: str) -> None:
    assert f"@$(BIN)/python -m tests.locks {command}" in (ROOT / "Makefile").read_text()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    there = {each for each in listed.stdout.split("\0") if _LOCK.search(each) and (ROOT / each).is_file()}
    assert {lock.path for lock in locks.LOCKS} == there, "name it in tests/locks.py"
    assert len({lock.bill for lock in locks.LOCKS}) == len(there)


@pytest.mark.parametrize("lock", SOON_LISTED, ids=attrgetter("bill"))
def test_a_bill_of_materials_names_what_its_lock_file_does(lock: locks.Lock, tmp_path: Path) -> None:
    locks.sbom(lock, tmp_path / "bill.json")
    bill = json.loads((tmp_path / "bill.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert {unquote(each["purl"].partition("?")[0]) for each in bill["components"]} == named(lock)


def named(lock: locks.Lock) -> set[str]:
    """What a lock file names, as package URLs."""
    text = (ROOT / lock.path).read_text()
    if not lock.is_npms:
        return {f"pkg:pypi/{canonicalize_name(each['name'])}@{each['version']}" for each in _PIN.finditer(text)}
    every = {name: each for name, each in json.loads(text)["packages"].items() if name and not each.get("link")}
    names = {name: each.get("name", name.rpartition("node_modules/")[2]) for name, each in every.items()}
    return {f"pkg:npm/{names[name]}@{each['version']}" for name, each in every.items()}


@pytest.mark.parametrize("path", ["requirements-run.lock", "tests/openapi/package-lock.json"])
def test_an_audit_that_cannot_ask_fails_and_says_so(path: str) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    away = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "npm_config_https_proxy", "npm_config_registry"), nowhere)
    (lock,) = (each for each in locks.LOCKS if each.path == path)
    said = locks.audit(lock, {**os.environ, **away, "NO_PROXY": "", "no_proxy": "", "npm_config_fetch_retries": "0"})
    assert said.startswith(f"{path} was not audited, as nobody answered: ")
    assert "refused" in said.lower()


@pytest.mark.parametrize(("known", "wrong"), [([], ""), (["chalk"], "known to be weak")])
def test_an_audit_fails_for_a_weakness_that_is_known(known: list[str], wrong: str) -> None:
    (lock,) = (each for each in locks.LOCKS if each.bill == "openapi")
    told = {"id": 1, "url": "https://x.example", "title": "x", "severity": "critical", "vulnerable_versions": "*"}
    with registry({name: [told] for name in known}) as address:
        said = locks.audit(lock, {**os.environ, "npm_config_registry": address})
    assert wrong in said
    assert bool(said) == bool(wrong)


@contextlib.contextmanager
def registry(known: dict[str, Any]) -> Iterator[str]:
    """A registry of packages that knows of these weaknesses, and its address."""
    app = Flask("registry")
    app.post("/-/npm/v1/security/advisories/bulk")(lambda: known)
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
