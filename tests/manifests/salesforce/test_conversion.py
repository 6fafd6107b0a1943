"""Salesforce's own library converts the whole package to metadata format, and leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tests.manifests.salesforce.package_files import (
    NS,
    OWN_OBJECTS,
    ROOT,
    SOURCE,
    field_files,
    names,
    stem,
)

WAIT = 120


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """The folder in metadata format, and the names of its components as ``Type:Name``."""
    if not (ROOT / "node_modules" / "@salesforce" / "source-deploy-retrieve").is_dir():
        pytest.fail("Run `npm ci` in manifests/salesforce first: `make setup` does it.")
    folder = tmp_path_factory.mktemp("metadata")
    command = ["node", "scripts/convert.mjs", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT, check=False)
    assert done.returncode == 0, done.stderr
    return folder, set(json.loads(done.stdout))


def test_every_kind_of_component_is_converted(converted: tuple[Path, set[str]]) -> None:
    _, made = converted
    for kind, folder in {
        "PermissionSet": "permissionsets",
        "CustomTab": "tabs",
        "Layout": "layouts",
        "ReportType": "reportTypes",
        "FlexiPage": "flexipages",
        "PlatformEventChannelMember": "platformEventChannelMembers",
        "ExternalClientApplication": "externalClientApps",
        "CustomNotificationType": "notificationtypes",
        "Translations": "translations",
    }.items():
        found = {name.partition(":")[2] for name in made if name.startswith(f"{kind}:")}
        assert found == names(folder), kind
    reports = {name.partition(":")[2] for name in made if name.startswith("Report:")}
    assert {f"Switchyard/{stem(path)}" for path in SOURCE.glob("reports/Switchyard/*")} <= reports
    bundles = {path.parent.name for path in SOURCE.glob("lwc/*/*.js-meta.xml")}
    assert {f"LightningComponentBundle:{name}" for name in bundles} <= made


def test_fields_views_and_field_translations_arrive_inside_their_objects(converted: tuple[Path, set[str]]) -> None:
    folder, _ = converted
    for sobject in {name.split(".")[0] for name in field_files()}:
        arrived = etree.parse(str(folder / "objects" / f"{sobject}.object"))
        mine = {name.partition(".")[2] for name in field_files() if name.startswith(f"{sobject}.")}
        assert {node.text for node in arrived.xpath("/*/m:fields/m:fullName", namespaces=NS)} == mine
        told = etree.parse(str(folder / "objectTranslations" / f"{sobject}-fr.objectTranslation"))
        assert {node.text for node in told.xpath("/*/m:fields/m:name", namespaces=NS)} == mine
    for sobject in OWN_OBJECTS:
        arrived = etree.parse(str(folder / "objects" / f"{sobject}.object"))
        views = {node.text for node in arrived.xpath("/*/m:listViews/m:fullName", namespaces=NS)}
        assert views == names(f"objects/{sobject}/listViews")


def test_no_test_and_no_tool_of_the_components_is_packaged(converted: tuple[Path, set[str]]) -> None:
    folder, _ = converted
    assert not [path for path in folder.rglob("*") if "__tests__" in path.parts or path.name == "jsconfig.json"]
