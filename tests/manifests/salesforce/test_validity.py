"""Every file of the package is valid by Salesforce's own metadata schema, and keeps to limits that it does not tell."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.manifests.salesforce.package_files import (
    NS,
    ROOT,
    SOURCE,
    field_files,
    metadata_files,
    metadata_schema,
    stem,
    text,
    texts,
    tree,
)

HELP_LENGTH, LABEL_LENGTH, REPORT_NAME_LENGTH, DESCRIPTION_LENGTH = 510, 40, 40, 255


@pytest.mark.parametrize("path", metadata_files(), ids=lambda path: path.name)
def test_metadata_file_is_valid(path: Path) -> None:
    document = tree(path)
    for part in document.xpath("/m:LightningComponentBundle/m:targetConfigs", namespaces=NS):
        # The schema types it as text, but what Salesforce wants there is XML: it has no schema to be checked by.
        part.getparent().remove(part)
    metadata_schema().assertValid(document)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("<label>A</label><typ>Text</typ>", "typ"),
        ("<type>Text</type><label>A</label>", "label"),
        ("<label>A</label><type>Txt</type>", "Txt"),
        ("<label>A</label><required>yes</required><type>Text</type>", "yes"),
    ],
    ids=["misspelt element", "wrong order", "unknown value", "bad boolean"],
)
def test_the_schema_notices(wrong: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "A__c.field-meta.xml"
    path.write_text(f'<CustomField xmlns="{NS["m"]}"><fullName>A__c</fullName>{wrong}</CustomField>', encoding="utf-8")
    assert not metadata_schema().validate(tree(path))
    assert why in str(metadata_schema().error_log)


def test_there_is_metadata_to_check() -> None:
    kinds = {path.parent.name if path.parent.parent == SOURCE else path.parents[1].name for path in metadata_files()}
    assert {"layouts", "permissionsets", "reports", "dashboards", "reportTypes", "translations", "tabs"} <= kinds
    assert len(metadata_files()) > 300


def test_project_file_names_the_folder_and_the_version() -> None:
    project = json.loads((ROOT / "sfdx-project.json").read_text())
    assert project["sourceApiVersion"] == "66.0"
    assert (ROOT / project["packageDirectories"][0]["path"]).is_dir()


def test_a_file_is_named_as_what_it_describes() -> None:
    for path in metadata_files():
        full = text(path, "/*/m:fullName")
        assert full in ("", stem(path)), path.name


def test_every_field_has_a_description_and_a_help_text_that_fit() -> None:
    for name, path in field_files().items():
        assert text(path, "/m:CustomField/m:description"), name
        assert 10 < len(text(path, "/m:CustomField/m:inlineHelpText")) <= HELP_LENGTH, name
        assert len(text(path, "/m:CustomField/m:label")) <= LABEL_LENGTH, name


def test_everything_that_an_admin_may_choose_from_has_a_description() -> None:
    for folder in ("permissionsets", "reportTypes", "applications", "tabs", "notificationtypes", "flexipages"):
        for path in SOURCE.glob(f"{folder}/*"):
            assert text(path, "/*/m:description"), path.name
    for path in SOURCE.glob("*/Switchyard/*"):
        assert 0 < len(text(path, "/*/m:description")) <= DESCRIPTION_LENGTH, path.name


def test_names_of_reports_and_report_types_fit() -> None:
    for path in SOURCE.glob("reports/Switchyard/*"):
        assert len(text(path, "/m:Report/m:name")) <= REPORT_NAME_LENGTH, path.name
    for path in SOURCE.glob("reportTypes/*"):
        assert len(text(path, "/m:ReportType/m:label")) <= 50, path.name
        assert all(len(one) <= DESCRIPTION_LENGTH for one in texts(path, "/m:ReportType/m:description"))


def test_audits_are_no_details_of_standard_objects() -> None:
    """A managed package carries no permissions for a detail of a standard object: the links are lookups."""
    for path in field_files().values():
        assert text(path, "/m:CustomField/m:type") != "MasterDetail"


def test_a_deleted_lead_empties_the_lookup_and_keeps_its_audit() -> None:
    for name, path in field_files().items():
        if text(path, "/m:CustomField/m:type") == "Lookup":
            assert text(path, "/m:CustomField/m:deleteConstraint") == "SetNull", name


def test_no_object_has_more_external_ids_than_salesforce_allows() -> None:
    external = [name for name, path in field_files().items() if text(path, "/m:CustomField/m:externalId") == "true"]
    assert {"Routing_Audit__c.Decision_Key__c", "Routing_Audit__c.Record_Id__c"} <= set(external)
    assert len(external) <= 25
    unique = [name for name, path in field_files().items() if text(path, "/m:CustomField/m:unique") == "true"]
    assert unique == ["Routing_Audit__c.Decision_Key__c", "Routing_Snapshot__c.Part_Key__c"]


def test_who_changed_a_rule_is_kept_and_an_audit_needs_no_history() -> None:
    def history(name: str) -> str:
        return text(SOURCE / "objects" / name / f"{name}.object-meta.xml", "/m:CustomObject/m:enableHistory")

    assert (history("Routing_Rule__c"), history("Routing_Audit__c")) == ("true", "false")
    tracked = {name for name, path in field_files().items() if text(path, "/m:CustomField/m:trackHistory") == "true"}
    assert tracked == {f"Routing_Rule__c.{name}__c" for name in ("Definition", "Kind", "Position", "State")}


def test_no_secret_part_of_the_client_app_is_kept() -> None:
    assert not list(SOURCE.rglob("*ecaGlblOauth*"))
    for path in metadata_files():
        assert not re.search(r"consumer(Key|Secret)", path.read_text(encoding="utf-8")), path.name
