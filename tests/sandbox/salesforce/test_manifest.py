"""The package metadata is valid by Salesforce's own metadata schema and consistent with itself."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
import simple_salesforce
from lxml import etree

ROOT = Path(__file__).resolve().parents[3] / "manifests" / "salesforce"
SOURCE = ROOT / "force-app" / "main" / "default"
FILES = sorted(SOURCE.rglob("*-meta.xml"))
NS = {"m": "http://soap.sforce.com/2006/04/metadata"}
XSD = "http://www.w3.org/2001/XMLSchema"
STANDARD = {"Name", "OwnerId", "CreatedById", "LastModifiedById"}


@cache
def metadata_schema() -> etree.XMLSchema:
    """The metadata WSDL that ships with simple-salesforce, as an XML schema with a global element for each type."""
    wsdl = etree.parse(str(Path(simple_salesforce.__file__).parent / "metadata.wsdl"))
    schema = next(s for s in wsdl.iter(f"{{{XSD}}}schema") if s.get("targetNamespace") == NS["m"])
    known = {element.get("name") for element in schema.findall(f"{{{XSD}}}element")}
    for kind in schema.findall(f"{{{XSD}}}complexType"):
        if kind.get("name") not in known:
            etree.SubElement(schema, f"{{{XSD}}}element", name=kind.get("name"), type=f"tns:{kind.get('name')}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


def texts(path: Path, xpath: str) -> list[str]:
    return [str(node.text) for node in etree.parse(str(path)).xpath(xpath, namespaces=NS)]


def custom_fields(sobject: str) -> set[str]:
    return {path.name.split(".")[0] for path in (SOURCE / "objects" / sobject / "fields").glob("*.field-meta.xml")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_metadata_file_is_valid(path: Path) -> None:
    metadata_schema().assertValid(etree.parse(str(path)))


def test_there_is_metadata_to_check() -> None:
    assert len(FILES) > 50


def test_project_file_names_the_folder_and_the_version() -> None:
    project = json.loads((ROOT / "sfdx-project.json").read_text())
    assert project["sourceApiVersion"] == "66.0"
    assert (ROOT / project["packageDirectories"][0]["path"]).is_dir()


def test_permission_sets_name_only_fields_that_exist() -> None:
    for path in SOURCE.glob("permissionsets/*"):
        for name in texts(path, "//m:fieldPermissions/m:field"):
            sobject, field = name.split(".")
            assert field in custom_fields(sobject), f"{path.name}: {name}"


def test_permission_sets_do_not_name_required_fields() -> None:
    required = {
        f"{path.parent.parent.name}.{path.name.split('.')[0]}"
        for path in SOURCE.glob("objects/*/fields/*")
        if texts(path, "/m:CustomField/m:required") == ["true"]
    }
    assert "Routing_Audit__c.Decision_Key__c" in required
    for path in SOURCE.glob("permissionsets/*"):
        assert not required & set(texts(path, "//m:fieldPermissions/m:field"))


def test_layouts_list_views_and_tabs_name_only_what_exists() -> None:
    for path in SOURCE.glob("layouts/*"):
        known = custom_fields(path.name.split("-")[0]) | STANDARD
        assert set(texts(path, "//m:layoutItems/m:field")) <= known
    for path in SOURCE.glob("objects/*/listViews/*"):
        known = custom_fields(path.parent.parent.name) | {"NAME", "LAST_UPDATE"}
        assert set(texts(path, "//m:columns | //m:filters/m:field")) <= known
    for path in SOURCE.glob("tabs/*"):
        assert (SOURCE / "objects" / path.name.split(".")[0]).is_dir()


def test_channel_members_name_the_channel_and_enrich_known_entities() -> None:
    channels = {path.name.split(".")[0] for path in SOURCE.glob("platformEventChannels/*")}
    members = list(SOURCE.glob("platformEventChannelMembers/*"))
    assert channels == {"Switchyard__chn"}
    assert {texts(path, "//m:eventChannel")[0] for path in members} == channels
    entities = {texts(path, "//m:selectedEntity")[0] for path in members}
    assert entities == {"LeadChangeEvent", "ContactChangeEvent", "AccountChangeEvent", "Routing_Rule__ChangeEvent"}


def test_lookups_to_standard_objects_are_no_master_details() -> None:
    for path in SOURCE.glob("objects/*/fields/*"):
        assert texts(path, "/m:CustomField/m:type") != ["MasterDetail"]


def test_no_secret_part_of_the_client_app_is_kept() -> None:
    assert not list(ROOT.rglob("*ecaGlblOauth*"))
    for path in FILES:
        assert not re.search(r"consumer(Key|Secret)", path.read_text())
