"""Secrets are compared in constant time: shown by reading the code, since a clock shows nothing on a busy machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.threats import ROOT

SECRET = {
    "token",
    "access_token",
    "secret",
    "signature",
    "digest",
    "epoch",
    "nonce",
    "state",
    "verifier",
    "password",
    "code",
    "hmac",
}
"""How a name ends that may hold a secret."""
MODULES = (
    "connector/web",
    "connector/api",
    "connector/desk",
    "connector/store",
    "connector/hubspot/signatures.py",
    "oauth",
)
NO_SECRETS = {
    "state": "how far some work is; that of OAuth is compared in oauth/flow.py",
    "code": "an HTTP status, or the word of a CRM's error; a support code is looked up by its hash",
    "digest": "of a setting or a text of ours",
}
BY_THE_DATABASE = {
    "connector/store/installs.py": "epoch: 128 random bits behind a signed cookie, found with the user's row",
    "connector/store/leaves.py": "epoch: as above; a code is found by its SHA-256",
}
OUR_OWN = {"oauth/vault.py": "two tokens of ours: whether somebody has renewed meanwhile"}
COMPARED = {
    "connector/hubspot/signatures.py": "signatures of HubSpot",
    "connector/web/metrics.py": "the token of /metrics",
    "connector/desk/keys.py": "keys of the API",
    "oauth/flow.py": "the state of a sign-in",
    "oauth/typed.py": "that an address was typed in this browser",
    "oauth/reps.py": "the epoch of a rep's session",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for place in MODULES:
        root = ROOT / place
        for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def compared(tree: ast.Module) -> Iterator[str]:
    """The names that `==` and `!=` compare, where both sides can be secrets: neither is a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and all(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            sides = [node.left, *node.comparators]
            if not any(isinstance(each, ast.Constant) for each in sides):
                yield from (name(each) for each in sides)


@pytest.mark.threat("T22")
def test_no_secret_is_compared_by_its_letters() -> None:
    found = {
        (path, each)
        for path, tree in sources()
        for each in compared(tree)
        if each != "status_code" and each.lower().rpartition("_")[2] in SECRET
    }
    known = BY_THE_DATABASE | OUR_OWN
    wrong = {(path, each) for path, each in found if path not in known and (each not in NO_SECRETS or "oauth" in path)}
    assert wrong == set()


@pytest.mark.threat("T22")
@pytest.mark.parametrize("path", COMPARED)
def test_where_a_secret_comes_in_it_is_compared_in_constant_time(path: str) -> None:
    assert "compare_digest(" in (ROOT / path).read_text(encoding="utf-8")


def test_what_is_exempt_is_there() -> None:
    assert all(Path(ROOT / path).is_file() for path in BY_THE_DATABASE | OUR_OWN)
