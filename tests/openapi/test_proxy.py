"""What goes between the product and the local HubSpot, held against HubSpot's own OpenAPI documents.

`make openapi SPEC=...` runs this: the whole demo, and every promise of the contract that the adapter keeps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from flask import Flask, Response

from tests.local.processes import ROOT, plain_environment
from tests.openapi.amendments import AMENDMENTS, amend, unneeded
from tests.openapi.behind import beginner
from tests.openapi.documents import merge, read
from tests.openapi.proxy import HERE, Proxy, Report, begin
from tests.openapi.seldom import mend_and_end, route_in_a_small_portal, route_with_app_objects
from tests.sandbox.control import serve

SETTING = "SWITCHYARD_TEST_HUBSPOT_OPENAPI"
ABSENT = (
    "HubSpot's OpenAPI documents are not here, and their licence does not let us ship them. "
    "Clone github.com/HubSpot/HubSpot-public-api-spec-collection, then: make openapi SPEC=/where/it/is"
)
PROGRAMS = {
    "demo": ("tests.demo", "--once"),
    "contract": ("pytest", "tests/contract", "-k", "hubspot", "-q", "-p", "no:cacheprovider"),
}

# Each program starts both CRMs and all processes of the product.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the project with the merged document, as it was published and amended."""
    if not os.environ.get(SETTING):
        pytest.skip(ABSENT)
    assert (HERE / "node_modules" / "@stoplight").is_dir(), "run `make openapi`: it installs the judge"
    folder = tmp_path_factory.mktemp("documents")
    published = merge(list(read(Path(os.environ[SETTING]))))
    for name, document in (("published", published), ("amended", amend(published, AMENDMENTS))):
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


@dataclass
class Run:
    """What the proxy saw, and what the programs that failed said at their end."""

    report: Report = field(default_factory=Report)
    failed: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def run(documents: Path) -> Run:
    """Run every program behind the proxy. One that fails has still told something about its calls."""
    made = Run()
    for name, program in PROGRAMS.items():
        file = documents / f"{name}.report"
        command = [sys.executable, "-m", "tests.openapi.behind", str(documents), str(file), *program]
        done = subprocess.run(
            command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, timeout=420, check=False
        )
        if done.returncode:
            made.failed[name] = f"{done.stdout[-6000:]}{done.stderr[-3000:]}"
        made.report.add(Report.read(file))
    made.report.add(_seldom(documents))
    return made


def _seldom(documents: Path) -> Report:
    """Make the calls of a whole install's life that are made seldom."""
    started: list[Proxy] = []
    world = beginner(documents, started)(documents / "seldom")
    try:
        route_in_a_small_portal(world, documents / "small")
        route_with_app_objects(world, documents / "approved")
        mend_and_end(world, documents / "mended")
    finally:
        for proxy in started:
            proxy.stop()
        world.stop()
    return started[0].report


def test_neither_the_product_nor_the_local_hubspot_breaks_hubspots_document(run: Run) -> None:
    assert [str(finding) for finding in sorted(run.report.broken)] == []


def test_no_amendment_of_the_document_outlives_its_reason(run: Run) -> None:
    assert unneeded(run.report.published, AMENDMENTS) == []


def test_the_demo_and_the_contract_end_well_behind_the_proxy(run: Run) -> None:
    assert not run.failed, "\n\n".join(f"{name} said:\n{said}" for name, said in run.failed.items())


def test_an_install_went_through_the_proxy_from_its_first_lead_to_its_end(run: Run) -> None:
    verbs = {tuple(call.split(" ")) for call in run.report.calls}
    assert ("POST", "/oauth/2026-09/token") in verbs
    assert ("DELETE", "/appinstalls/2026-09/external-install") in verbs
    for path in ("0-1/batch/read", "0-1/batch/update", "0-27/batch/create", "0-1/search"):
        assert ("POST", f"/crm/objects/2026-09/{path}") in verbs


def test_the_proxy_tells_of_wrong_requests_wrong_answers_and_unknown_calls_and_changes_no_byte(
    documents: Path, tmp_path: Path
) -> None:
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    content = {"application/json": {"schema": thing}}
    made = {"requestBody": {"content": content}, "responses": {"201": {"description": "", "content": content}}}
    strict = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"post": made}}}
    loose = strict | {"paths": {"/things": {"post": {"responses": {"201": {"description": ""}}}}}}
    for name, document in (("amended", strict), ("published", loose)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    upstream = Flask("upstream")
    said = b'{"id" : 17}'
    answer = Response(said, 201, content_type="application/json")
    upstream.add_url_rule("/<path:path>", "answer", lambda **_: answer, methods=["GET", "POST"])
    running = serve(upstream)
    proxy = begin(tmp_path, f"http://127.0.0.1:{running.port}")
    try:
        assert requests.post(f"{proxy.url}/things", json={"name": "Lathe"}, timeout=10).content == said
        assert requests.get(f"{proxy.url}/unknown/5", timeout=10).status_code == 201
    finally:
        proxy.stop()
        running.stop()
    assert [str(finding) for finding in sorted(proxy.report.broken)] == [
        "GET /unknown/* (201): request : Selected route not found",
        "POST /things (201): request body: Request body must have required property 'id'",
        "POST /things (201): response body.id: Response body property id must be string",
    ]
    assert "POST /things" not in {finding.call for finding in proxy.report.published}
