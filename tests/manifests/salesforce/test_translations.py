"""Whatever the package shows to people is there in all languages of the product."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.manifests.salesforce.package_files import (
    LANGUAGES,
    NS,
    OWN_OBJECTS,
    SOURCE,
    field_files,
    names,
    picklist,
    stem,
    text,
    texts,
    tree,
)
from tests.manifests.salesforce.test_validity import HELP_LENGTH, LABEL_LENGTH

HOLES = re.compile(r"\{\d+\}")
SAME_IN_ALL = {"Home_ConsoleAddress"}
"""Labels that are no words: an administrator sets them."""


def object_translation(sobject: str, language: str) -> Path:
    home = SOURCE / "objectTranslations" / f"{sobject}-{language}"
    return home / f"{sobject}-{language}.objectTranslation-meta.xml"


def field_translation(name: str, language: str) -> Path:
    sobject, _, field = name.partition(".")
    return SOURCE / "objectTranslations" / f"{sobject}-{language}" / f"{field}.fieldTranslation-meta.xml"


def translations(language: str) -> Path:
    return SOURCE / "translations" / f"{language}.translation-meta.xml"


def custom_labels() -> dict[str, str]:
    """Return the texts of the components, by name."""
    found = tree(SOURCE / "labels" / "CustomLabels.labels-meta.xml").xpath("//m:labels", namespaces=NS)
    return {one.findtext("m:fullName", namespaces=NS): one.findtext("m:value", namespaces=NS) for one in found}


def pairs(path: Path, kind: str) -> dict[str, str]:
    """Return name -> label of the translations of one kind."""
    found = tree(path).xpath(f"//m:{kind}", namespaces=NS)
    return {one.findtext("m:name", namespaces=NS): one.findtext("m:label", namespaces=NS) for one in found}


def test_the_languages_are_those_of_the_product() -> None:
    assert names("translations") == set(LANGUAGES)
    product = Path(__file__).resolve().parents[3] / "rules" / "wording" / "locale"
    assert {path.name for path in product.iterdir() if path.is_dir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_its_label_help_and_values(language: str) -> None:
    for name, path in field_files().items():
        told = field_translation(name, language)
        assert text(told, "//m:name") == stem(path)
        assert 0 < len(text(told, "//m:label")) <= LABEL_LENGTH, (name, language)
        assert 10 < len(text(told, "//m:help")) <= HELP_LENGTH, (name, language)
        assert text(told, "//m:help") != text(path, "//m:inlineHelpText"), (name, language)
        assert texts(told, "//m:picklistValues/m:masterLabel") == list(picklist(name).values()), (name, language)
        assert all(texts(told, "//m:picklistValues/m:translation")), (name, language)
        assert bool(text(told, "//m:relationshipLabel")) == bool(text(path, "//m:relationshipLabel")), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_of_something_that_is_not_there(language: str) -> None:
    for home in SOURCE.glob(f"objectTranslations/*-{language}"):
        sobject = home.name.removesuffix(f"-{language}")
        for path in home.glob("*.fieldTranslation-meta.xml"):
            assert f"{sobject}.{stem(path)}" in field_files()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sobject", OWN_OBJECTS)
def test_every_object_has_its_names_and_the_sections_of_its_layout(sobject: str, language: str) -> None:
    told = object_translation(sobject, language)
    plurals = texts(told, "//m:caseValues/m:plural")
    assert (plurals.count("true"), plurals.count("false")) == ((4, 4) if language == "de" else (1, 1))
    assert all(texts(told, "//m:caseValues/m:value"))
    assert text(told, "//m:nameFieldLabel")
    layout = text(told, "//m:layouts/m:layout")
    shown = texts(SOURCE / "layouts" / f"{sobject}-{layout}.layout-meta.xml", "//m:layoutSections/m:label")
    assert texts(told, "//m:layouts/m:sections/m:section") == shown
    assert all(texts(told, "//m:layouts/m:sections/m:label"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_custom_label_is_translated_and_keeps_its_holes(language: str) -> None:
    told = pairs(translations(language), "customLabels")
    mine = custom_labels()
    assert set(told) == set(mine), set(told) ^ set(mine)
    for name, value in mine.items():
        assert sorted(HOLES.findall(told[name])) == sorted(HOLES.findall(value)), (name, language)
        assert told[name] == told[name].strip() != "", (name, language)
    assert all(told[name] == mine[name] for name in SAME_IN_ALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_app_tabs_and_report_types_are_translated(language: str) -> None:
    told = translations(language)
    assert set(pairs(told, "customApplications")) == names("applications")
    pages = {stem(path) for path in SOURCE.glob("tabs/*") if text(path, "//m:flexiPage")}
    assert set(pairs(told, "customTabs")) == pages, "the tab of an object takes the object's name"
    for node in tree(told).xpath("//m:reportTypes", namespaces=NS):
        name = node.findtext("m:name", namespaces=NS)
        sections = texts(SOURCE / "reportTypes" / f"{name}.reportType-meta.xml", "//m:sections/m:masterLabel")
        assert [one.text for one in node.findall("m:sections/m:name", namespaces=NS)] == sections
    assert set(pairs(told, "reportTypes")) == names("reportTypes")
    assert all(len(label) <= 50 for label in pairs(told, "reportTypes").values())
