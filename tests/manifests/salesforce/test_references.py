"""Whatever one file of the package names is in the package, or is Salesforce's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.salesforce import soql
from tests.manifests.salesforce.package_files import (
    NS,
    OWN_OBJECTS,
    SOURCE,
    STANDARD_OBJECTS,
    field_files,
    fields,
    names,
    picklist,
    stem,
    text,
    texts,
    tree,
)
from tests.sandbox.salesforce.standard import standard_schema

SETS = sorted(SOURCE.glob("permissionsets/*"))
ROWS = {"Name", "OwnerId", "CreatedById", "LastModifiedById"}
REQUESTS = sorted(name for name in field_files() if ".Switchyard_Request" in name)
"""What people ask for on the card of a lead or contact, and what became of it."""
SNAPSHOTS = {name for name in field_files() if name.startswith("Routing_Snapshot__c.")}
VIEW_COLUMNS = {"NAME", "LAST_UPDATE"}
TABS_OF_SALESFORCE = {"standard-Lead", "standard-report", "standard-Dashboard"}
NEEDS = {
    "allowCreate": {"allowRead"},
    "allowEdit": {"allowRead"},
    "allowDelete": {"allowRead", "allowEdit"},
    "viewAllRecords": {"allowRead"},
    "modifyAllRecords": {"allowRead", "allowEdit", "allowDelete", "viewAllRecords"},
}
"""What a right over an object brings with it; Salesforce refuses one without the others."""
RIGHTS = ("allowRead", *NEEDS)


def granted(path: Path) -> dict[str, set[str]]:
    """Return object -> the rights that a permission set gives over it."""
    found = {}
    for node in tree(path).xpath("//m:objectPermissions", namespaces=NS):
        ticked = {right for right in RIGHTS if node.findtext(f"m:{right}", namespaces=NS) == "true"}
        found[node.findtext("m:object", namespaces=NS)] = ticked
    return found


def field_rights(path: Path) -> dict[str, bool]:
    """Return the fields that a permission set lets its holders read -> whether they may write them."""
    found = tree(path).xpath("//m:fieldPermissions[m:readable='true']", namespaces=NS)
    return {
        node.findtext("m:field", namespaces=NS): node.findtext("m:editable", namespaces=NS) == "true" for node in found
    }


def required() -> set[str]:
    return {name for name, path in field_files().items() if text(path, "/m:CustomField/m:required") == "true"}


def test_there_are_four_permission_sets() -> None:
    assert {stem(path) for path in SETS} == {f"Switchyard_{who}" for who in ("Admin", "Manager", "Rep", "Integration")}


@pytest.mark.parametrize("path", SETS, ids=stem)
def test_permission_set_names_only_fields_that_exist_and_are_not_required(path: Path) -> None:
    named = set(texts(path, "//m:fieldPermissions/m:field"))
    assert named <= set(field_files())
    assert not named & required(), "a required field is always allowed, and naming it is refused"


@pytest.mark.parametrize("path", SETS, ids=stem)
def test_permission_set_gives_no_right_without_those_it_needs(path: Path) -> None:
    for sobject, rights in granted(path).items():
        assert sobject in OWN_OBJECTS, "rights over standard objects are not installed with a package"
        for right in rights:
            assert NEEDS.get(right, set()) <= rights, (sobject, right)


@pytest.mark.parametrize("path", SETS, ids=stem)
def test_permission_set_names_only_tabs_and_apps_that_exist(path: Path) -> None:
    assert set(texts(path, "//m:tabSettings/m:tab")) <= names("tabs")
    assert set(texts(path, "//m:applicationVisibilities/m:application")) <= names("applications")
    assert not texts(path, "//m:userPermissions"), "user permissions are not installed with a package"


@pytest.mark.parametrize("who", ["Admin", "Manager", "Integration"])
def test_everything_can_be_read_by_who_answers_for_it(who: str) -> None:
    known = set(field_rights(SOURCE / "permissionsets" / f"Switchyard_{who}.permissionset-meta.xml"))
    hidden = SNAPSHOTS if who == "Manager" else set()
    assert set(field_files()) - required() - hidden == known


@pytest.mark.parametrize("who", ["Manager", "Rep"])
def test_whole_records_before_a_merge_are_hidden_from_those_who_may_not_see_all_their_fields(who: str) -> None:
    path = SOURCE / "permissionsets" / f"Switchyard_{who}.permissionset-meta.xml"
    assert "Routing_Snapshot__c" not in granted(path)
    assert not SNAPSHOTS & set(field_rights(path))
    shared = text(SOURCE / "objects/Routing_Snapshot__c/Routing_Snapshot__c.object-meta.xml", "//m:sharingModel")
    assert shared == "Private"


def test_the_connected_user_writes_what_switchyard_writes() -> None:
    rights = field_rights(SOURCE / "permissionsets" / "Switchyard_Integration.permissionset-meta.xml")
    read_only = {name for name, may in rights.items() if not may}
    assert read_only == {name for name in rights if name.split(".")[0] in ("Account", "Contact")} - set(REQUESTS)
    over = granted(SOURCE / "permissionsets" / "Switchyard_Integration.permissionset-meta.xml")
    assert all("modifyAllRecords" in over[name] for name in OWN_OBJECTS), "audits belong to whoever got the lead"


def test_nobody_else_can_change_an_audit_or_what_switchyard_says_of_a_rule() -> None:
    for who in ("Admin", "Manager", "Rep"):
        path = SOURCE / "permissionsets" / f"Switchyard_{who}.permissionset-meta.xml"
        assert not granted(path)["Routing_Audit__c"] - {"allowRead", "viewAllRecords"}
        writes = {name for name, may in field_rights(path).items() if may}
        own = {name for name in writes if name.split(".")[0] in OWN_OBJECTS}
        assert own == ({"Routing_Rule__c.Definition__c", "Routing_Rule__c.Position__c"} if who == "Admin" else set())
        assert writes - own == {name for name in REQUESTS if name.endswith("_Request__c")}


def test_a_rep_sees_only_their_own_audits() -> None:
    path = SOURCE / "permissionsets" / "Switchyard_Rep.permissionset-meta.xml"
    assert granted(path)["Routing_Audit__c"] == {"allowRead"}
    shared = text(SOURCE / "objects/Routing_Audit__c/Routing_Audit__c.object-meta.xml", "//m:sharingModel")
    assert shared == "Private"


def test_layouts_name_only_what_exists_and_show_every_field() -> None:
    for path in SOURCE.glob("layouts/*"):
        sobject = path.name.split("-")[0]
        shown = texts(path, "//m:layoutItems/m:field")
        assert set(shown) <= fields(sobject) | ROWS
        assert len(shown) == len(set(shown)), path.name
        assert fields(sobject) <= set(shown)
        assert set(texts(path, "//m:relatedList")) <= {"RelatedEntityHistoryList"}


def test_list_views_name_only_what_exists() -> None:
    for path in SOURCE.glob("objects/*/listViews/*"):
        sobject = path.parents[1].name
        assert set(texts(path, "//m:columns | //m:filters/m:field")) <= fields(sobject) | VIEW_COLUMNS, path.name


def test_list_views_filter_only_by_what_salesforce_can_filter_by() -> None:
    for path in SOURCE.glob("objects/*/listViews/*"):
        for node in tree(path).xpath("//m:filters", namespaces=NS):
            name = f"{path.parents[1].name}.{node.findtext('m:field', namespaces=NS)}"
            kind = text(field_files()[name], "/m:CustomField/m:type")
            assert kind != "LongTextArea", path.name
            if kind == "Picklist":
                assert set(node.findtext("m:value", namespaces=NS).split(",")) <= set(picklist(name)), path.name


def test_list_views_that_people_look_for_are_there() -> None:
    assert {"My_Leads_Today", "Refused", "Needs_Review"} <= names("objects/Routing_Audit__c/listViews")
    assert {"Errors", "Live_Rules", "Drafts"} <= names("objects/Routing_Rule__c/listViews")


def test_objects_name_their_compact_layout_their_page_and_fields_that_exist() -> None:
    for sobject in OWN_OBJECTS:
        path = SOURCE / "objects" / sobject / f"{sobject}.object-meta.xml"
        assert text(path, "//m:compactLayoutAssignment") in names(f"objects/{sobject}/compactLayouts")
        assert set(texts(path, "//m:actionOverrides/m:content")) <= names("flexipages")
        assert set(texts(path, "//m:searchLayouts/*")) <= fields(sobject)
        for compact in SOURCE.glob(f"objects/{sobject}/compactLayouts/*"):
            assert set(texts(compact, "//m:fields")) <= fields(sobject) | ROWS


def test_tabs_and_the_app_name_what_exists() -> None:
    for path in SOURCE.glob("tabs/*"):
        assert stem(path) in OWN_OBJECTS or text(path, "//m:flexiPage") in names("flexipages")
    for path in SOURCE.glob("applications/*"):
        assert set(texts(path, "//m:tabs")) == names("tabs") | TABS_OF_SALESFORCE


def test_pages_show_components_that_are_there_and_made_for_them() -> None:
    for path in SOURCE.glob("flexipages/*"):
        kind, sobject = text(path, "/m:FlexiPage/m:type"), text(path, "/m:FlexiPage/m:sobjectType")
        assert sobject in ("", *OWN_OBJECTS)
        for name in texts(path, "//m:componentName"):
            if ":" in name:
                continue  # Salesforce's own
            bundle = SOURCE / "lwc" / name / f"{name}.js-meta.xml"
            targets = texts(bundle, "//m:targets/m:target")
            assert {"AppPage": "lightning__AppPage", "RecordPage": "lightning__RecordPage"}[kind] in targets
            made_for = texts(bundle, "//m:targetConfig/m:objects/m:object")
            assert not sobject or not made_for or sobject in made_for
            assert text(bundle, "/*/m:isExposed") == "true"


def test_components_are_made_for_objects_of_the_package_or_those_it_extends() -> None:
    for bundle in SOURCE.glob("lwc/*/*.js-meta.xml"):
        assert set(texts(bundle, "//m:objects/m:object")) <= {*OWN_OBJECTS, *STANDARD_OBJECTS}


def test_channel_members_name_the_channel_and_enrich_with_fields_that_exist() -> None:
    members = sorted(SOURCE.glob("platformEventChannelMembers/*"))
    assert names("platformEventChannels") == {"Switchyard__chn"}
    assert {text(path, "//m:eventChannel") for path in members} == names("platformEventChannels")
    followed = {text(path, "//m:selectedEntity"): path for path in members}
    assert set(followed) == {"LeadChangeEvent", "ContactChangeEvent", "AccountChangeEvent", "Routing_Rule__ChangeEvent"}
    for entity, path in followed.items():
        sobject = entity.replace("__ChangeEvent", "__c").removesuffix("ChangeEvent")
        standard = set(standard_schema().get(sobject).fields) if sobject in STANDARD_OBJECTS else ROWS
        assert set(texts(path, "//m:enrichedFields/m:name")) <= fields(sobject) | standard


def test_the_notification_type_that_the_code_sends_is_there() -> None:
    assert names("notificationtypes") == {soql.NOTIFICATION_TYPE}


def test_lookups_point_to_objects_that_exist_under_a_name_of_their_own() -> None:
    told = []
    for path in field_files().values():
        if target := text(path, "/m:CustomField/m:referenceTo"):
            assert target in {*STANDARD_OBJECTS, *OWN_OBJECTS, "User"}
            told.append((target, text(path, "/m:CustomField/m:relationshipName")))
    assert len(told) == len(set(told))
