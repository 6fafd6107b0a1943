"""The project and the product agree: objects, events, actions, addresses and the words that cards know."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

from connector.crm import Routes
from connector.hubspot import events, leads, timeline
from connector.hubspot.fields import OWNER, STAGE
from connector.hubspot.schemas import SCHEMAS
from connector.hubspot.shelf import KINDS
from connector.web import hubspot_actions, hubspot_card, hubspot_settings, hubspot_ui
from rules.model import Mode, Outcome, ResponseStatus
from tests.manifests.hubspot.project_files import (
    APP,
    ROOT,
    SOURCE,
    app_objects,
    associations,
    config,
    metas,
)

UI = APP / "packages" / "ui"


def union(name: str) -> set[str]:
    """Return the words of one of the types that cards know."""
    written = (UI / "answers.ts").read_text(encoding="utf-8")
    found = re.search(rf"export type {name} =([^;]+);", written)
    assert found, name
    return set(re.findall(r"'([\w ]+)'", found[1]))


def members(name: str) -> set[str]:
    """Return the names of what one of the answers holds."""
    written = (UI / "answers.ts").read_text(encoding="utf-8")
    found = re.search(rf"export interface {name} (?:extends \w+ )?\{{(.*?)\n\}}", written, re.DOTALL)
    assert found, name
    return set(re.findall(r"(?m)^    (\w+): ", found[1]))


def test_app_objects_hold_what_the_connector_writes_and_nothing_else() -> None:
    """Written anew by ``python -m tests.manifests.hubspot.project_files``."""
    assert metas("app-objects") == app_objects()
    assert metas("app-object-associations") == associations()


def test_labels_of_app_objects_name_properties_that_they_have() -> None:
    for uid, one in metas("app-objects").items():
        names = {each["name"] for each in one["properties"]}
        form = {each["propertyName"] for each in one["defaultCreateFormFields"]}
        labels = {one["primaryDisplayLabelPropertyName"], *one["secondaryDisplayLabelPropertyNames"]}
        assert labels | form <= names, uid
        assert sum(each.get("hasUniqueValue", False) for each in one["properties"]) <= 10
        assert set(SCHEMAS[uid]["requiredProperties"]) == form


def test_the_event_tells_of_the_outcomes_that_there_are() -> None:
    event = config("app-events/routed")
    properties = {each["name"]: each for each in event["properties"]}
    assert [each["value"] for each in properties["outcome"]["options"]] == list(get_args(Outcome))
    used = re.findall(r"\{\{(?:#if )?(\w+)\}\}", event["headerTemplate"] + event["detailTemplate"])
    assert set(used) <= set(properties)
    assert metas("app-events").keys() == {timeline.EVENT}
    written = (ROOT.parents[1] / "connector" / "hubspot" / "timeline.py").read_text(encoding="utf-8")
    said = re.search(r"said = \{(.*?)\n    \}", written, re.DOTALL)
    assert said
    assert re.findall(r'"(\w+)":', said[1]) == list(properties)
    assert set(get_args(Outcome)) > timeline.FINAL


def test_the_action_of_workflows_is_answered_under_its_address_with_its_fields() -> None:
    action = config("workflow-actions/route")
    blueprint = hubspot_actions.hubspot_actions
    assert action["actionUrl"] == f"${{HOST}}{blueprint.url_prefix}/route"
    names = [each["typeDefinition"]["name"] for each in action["outputFields"]]
    written = (ROOT.parents[1] / "connector" / "web" / "hubspot_actions.py").read_text(encoding="utf-8")
    assert names == re.findall(r'"(\w+)": (?:QUEUED|"")', written)
    assert {"CONTACT", "LEAD"} == set(action["objectTypes"]) <= set(hubspot_actions.ROUTED)
    for language, labels in action["labels"].items():
        assert list(labels["outputFieldLabels"]) == names, language
        assert labels["actionName"].count("Switchyard") == 1, language


def test_cards_are_on_contacts_leads_and_companies_and_their_files_exist() -> None:
    cards = metas("cards")
    assert {(each["objectTypes"][0], each["location"]) for each in cards.values()} == {
        ("contacts", "crm.record.tab"),
        ("contacts", "crm.record.sidebar"),
        ("leads", "crm.record.tab"),
        ("leads", "crm.record.sidebar"),
        ("companies", "crm.record.tab"),
    }
    for each in (*cards.values(), *metas("settings").values()):
        entry = SOURCE / each["entrypoint"].lstrip("/")
        place = each.get("location", "settings")
        assert f"hubspot.extend<'{place}'>" in entry.read_text(encoding="utf-8")
    assert len({each["name"] for each in cards.values()}) == len(cards)


def test_cards_ask_for_addresses_that_the_connector_has() -> None:
    asked = set(re.findall(r"'(/hubspot/[a-z/]+)'", (UI / "connector.ts").read_text(encoding="utf-8")))
    there = set()
    for path in (ROOT.parents[1] / "connector" / "web").glob("hubspot_*.py"):
        written = path.read_text(encoding="utf-8")
        own = re.search(r'url_prefix="([^"]+)"', written)
        prefix = own[1] if own else hubspot_ui.hubspot_ui.url_prefix
        there |= {f"{prefix}{each}" for each in re.findall(r'@\w+\.(?:get|post|put)\("([^"]*)"\)', written)}
    assert there - asked == {config("workflow-actions/route")["actionUrl"].removeprefix("${HOST}")}
    assert asked <= there


def test_cards_know_every_word_of_the_connector() -> None:
    assert union("Correction") == set(hubspot_ui.REQUESTS)
    assert union("Mode") == set(get_args(Mode))
    assert union("ResponseStatus") == set(get_args(ResponseStatus))
    assert union("ConnectionState") == set(hubspot_settings.LIVE.values())
    assert union("RoutingState") == {*hubspot_card.STATES.values(), "routed", "unknown"}
    assert union("Routes") == set(get_args(Routes))
    assert union("Storage") == set(KINDS)


def test_cards_read_what_the_connector_answers_about_a_record() -> None:
    assert members("RecordAnswer") - {"state", "reason"} == set(hubspot_card.SPEECHLESS)


def test_a_note_is_as_long_as_the_connector_takes_it() -> None:
    written = (APP / "cards" / "parts" / "Corrections.tsx").read_text(encoding="utf-8")
    assert f"NOTE_LENGTH = {hubspot_ui.NOTE_LENGTH};" in written


def test_settings_read_what_the_connector_answers() -> None:
    pages = sorted((ROOT.parents[1] / "connector" / "web").glob("hubspot_*.py"))
    written = "".join(path.read_text(encoding="utf-8") for path in pages)
    for interface in ("SettingsAnswer", "Check", "RulesAnswer", "RuleItem", "Fault"):
        assert {name for name in members(interface) if f'"{name}":' not in written} == set(), interface


def test_no_card_and_no_page_reaches_another_host() -> None:
    sources = [path for folder in ("cards", "settings", "packages") for path in (APP / folder).rglob("*.ts*")]
    assert len(sources) > 15
    for path in sources:
        written = path.read_text(encoding="utf-8")
        assert re.findall(r"https?://[\w.]", written) == [], path.name
        assert ("hubspot.fetch" in written) == (path.name == "connector.ts"), path.name


def test_languages_are_those_of_the_product() -> None:
    found = {path.stem for path in (UI / "locale").glob("*.json")}
    assert found == {
        "en",
        *(path.name for path in (ROOT.parents[1] / "rules" / "wording" / "locale").iterdir() if path.is_dir()),
    }


def test_every_text_is_used_somewhere() -> None:
    texts: dict[str, Any] = json.loads((UI / "locale" / "en.json").read_text(encoding="utf-8"))
    written = "".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.ts*"))
    assert [key for key in texts if f"'{key}'" not in written] == []


def test_scopes_of_the_project_are_those_that_the_adapter_names() -> None:
    """Each is explained in docs/hubspot/listing.md: tests/test_docs_hubspot.py. `oauth` comes with every token."""
    auth = config("app")["auth"]
    asked = {*auth["requiredScopes"], *auth["optionalScopes"]} - {"oauth"}
    sources = (path.read_text(encoding="utf-8") for path in (ROOT.parents[1] / "connector" / "hubspot").glob("*.py"))
    used = {scope for text in sources for scope in re.findall(r'"(crm\.(?:objects|schemas)\.\w+\.\w+)"', text)}
    assert used == asked
    assert auth["conditionallyRequiredScopes"] == []


def test_events_that_are_subscribed_to_are_those_that_are_read() -> None:
    hooks = config("webhooks/webhooks")["subscriptions"]
    generic = {(each["objectType"], each["subscriptionType"].partition(".")[2]) for each in hooks["crmObjects"]}
    assert {event for _, event in generic} == {*events._CHANGES, "associationChange"} - {"privacyDeletion"}
    assert [each["subscriptionType"] for each in hooks["hubEvents"]] == ["contact.privacyDeletion"]
    told = {(each["objectType"], each["propertyName"]) for each in hooks["crmObjects"] if "propertyName" in each}
    assert {("contact", "email"), ("company", "domain"), ("lead", leads.NAME), ("lead", STAGE)} <= told
    for kind in ("contact", "company", "lead"):
        assert (kind, OWNER) in told
