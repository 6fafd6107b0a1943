"""The package's files as tests read them: by kind, by name, and by what stands in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import simple_salesforce
from lxml import etree

ROOT = Path(__file__).resolve().parents[3] / "manifests" / "salesforce"
SOURCE = ROOT / "force-app" / "main" / "default"
NS = {"m": "http://soap.sforce.com/2006/04/metadata"}
OWN_OBJECTS = ("Routing_Audit__c", "Routing_Rule__c", "Routing_Snapshot__c")
STANDARD_OBJECTS = ("Lead", "Contact", "Account")
LANGUAGES = ("pt_BR", "es", "fr", "de")
_XSD = "{http://www.w3.org/2001/XMLSchema}"


def metadata_files() -> list[Path]:
    """Return every metadata file of the package."""
    return sorted(SOURCE.rglob("*-meta.xml"))


def tree(path: Path) -> etree._ElementTree:
    return etree.parse(str(path))


def texts(path: Path, xpath: str) -> list[str]:
    """Return the texts of the elements that `xpath` finds; the namespace of metadata is ``m``."""
    return [str(node.text or "") for node in tree(path).xpath(xpath, namespaces=NS)]


def text(path: Path, xpath: str) -> str:
    """Return the text of the only element that `xpath` finds, or nothing."""
    found = texts(path, xpath)
    assert len(found) <= 1, (path.name, xpath, found)
    return found[0] if found else ""


def stem(path: Path) -> str:
    """Return a file's name without its suffixes: the API name."""
    return path.name.rsplit("-meta.xml", 1)[0].rsplit(".", 1)[0]


def names(folder: str) -> set[str]:
    """Return the API names of the files of one folder, those of subfolders as ``Folder/Name``."""
    home = SOURCE / folder
    return {str(path.relative_to(home).with_name(stem(path))) for path in home.rglob("*-meta.xml")}


@cache
def field_files() -> dict[str, Path]:
    """Return ``Object.Field__c`` -> file of every field of the package."""
    found = SOURCE.glob("objects/*/fields/*.field-meta.xml")
    return {f"{path.parents[1].name}.{stem(path)}": path for path in sorted(found)}


def fields(sobject: str) -> set[str]:
    """Return the package's fields of one object."""
    return {name.partition(".")[2] for name in field_files() if name.partition(".")[0] == sobject}


def field_type(name: str) -> str:
    """Return the type of ``Object.Field__c``, and the length of a text: ``Text(80)``."""
    path = field_files()[name]
    kind, length = text(path, "/m:CustomField/m:type"), text(path, "/m:CustomField/m:length")
    return f"{kind}({length})" if length else kind


def picklist(name: str) -> dict[str, str]:
    """Return the values of a picklist and their labels."""
    found = tree(field_files()[name]).xpath("//m:valueSetDefinition/m:value", namespaces=NS)
    return {one.findtext("m:fullName", namespaces=NS): one.findtext("m:label", namespaces=NS) for one in found}


@cache
def metadata_schema() -> etree.XMLSchema:
    """The metadata WSDL that ships with simple-salesforce, as an XML schema with a global element for each type."""
    wsdl = etree.parse(str(Path(simple_salesforce.__file__).parent / "metadata.wsdl"))
    schema = next(one for one in wsdl.iter(f"{_XSD}schema") if one.get("targetNamespace") == NS["m"])
    known = {element.get("name") for element in schema.findall(f"{_XSD}element")}
    for kind in schema.findall(f"{_XSD}complexType"):
        if kind.get("name") not in known:
            etree.SubElement(schema, f"{_XSD}element", name=kind.get("name"), type=f"tns:{kind.get('name')}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))
