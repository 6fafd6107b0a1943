"""Describes: what ``/sobjects`` and ``/sobjects/<Obj>/describe`` say about an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .schema import NUMBER_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .schema import Field, Schema, Sobject

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}


def summary(sobject: Sobject, version: str) -> dict[str, Any]:
    """One entry of the global describe."""
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    writable = not sobject.read_only
    return {
        "activateable": False,
        "createable": writable,
        "custom": sobject.custom,
        "customSetting": False,
        "deletable": writable and sobject.name != "User",
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": True,
        "mergeable": sobject.name in {"Lead", "Contact", "Account"},
        "mruEnabled": True,
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": "IsDeleted" in sobject.fields,
        "updateable": writable,
        "urls": {
            "rowTemplate": f"{base}/{{ID}}",
            "describe": f"{base}/describe",
            "sobject": base,
        },
    }


def describe(
    sobject: Sobject, version: str, hidden: Callable[[str], bool], children: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """The describe of one object, without the fields that are hidden from the user."""
    fields = [describe_field(item, sobject) for item in sobject.fields.values() if not hidden(item.name)]
    return {
        **summary(sobject, version),
        "actionOverrides": [],
        "childRelationships": list(children),
        "compactLayoutable": True,
        "fields": fields,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": True,
                "developerName": "Master",
                "master": True,
                "name": "Master",
                "recordTypeId": "012000000000000AAA",
                "urls": {},
            }
        ],
        "searchLayoutable": True,
        "supportedScopes": [],
    }


def children(schema: Schema, sobject: Sobject, seen: Callable[[str], bool]) -> list[dict[str, Any]]:
    """The relationships from records of `sobject` to others, as far as the user sees those."""
    return [
        {
            "cascadeDelete": False,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": item.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.plural.replace(" ", "") if item.createable else None,
            "restrictedDelete": False,
        }
        for child in schema
        if not child.tooling and seen(child.name)
        for item in child.fields.values()
        if item.type == "reference" and sobject.name in item.references
    ]


def describe_field(item: Field, sobject: Sobject) -> dict[str, Any]:
    """One entry of ``fields``."""
    text = item.type not in NUMBER_TYPES | {"boolean", "date", "datetime", "address"}
    number = item.type in NUMBER_TYPES
    return {
        "aggregatable": item.type not in {"boolean", "address"} and not item.long_text,
        "aiPredictionField": False,
        "autoNumber": bool(item.auto_number),
        "byteLength": item.length * 3 if text and item.type not in {"id", "reference"} else item.length,
        "calculated": False,
        "calculatedFormula": None,
        "cascadeDelete": False,
        "caseSensitive": item.case_sensitive,
        "compoundFieldName": item.compound or None,
        "controllerName": None,
        "createable": item.createable,
        "custom": item.custom,
        "defaultValue": item.default if item.type == "boolean" else None,
        "defaultValueFormula": None,
        "defaultedOnCreate": item.default is not None or item.name in {"Id", "OwnerId"} or not item.createable,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": item.precision if item.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": item.external_id,
        "extraTypeInfo": "plaintextarea" if item.type == "textarea" else None,
        "filterable": item.stored and not item.long_text,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": item.stored and not item.long_text and not number,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": item.external_id or item.name in {"Id", "Email", "Username"},
        "inlineHelpText": item.help or None,
        "label": item.label,
        "length": item.length,
        "mask": None,
        "maskType": None,
        "name": item.name,
        "nameField": item.name == "Name",
        "namePointing": len(item.references) > 1,
        "nillable": not item.required and item.type != "boolean" and item.name != "Id",
        "permissionable": not item.required and item.createable,
        "picklistValues": [_picklist_value(item, value, label) for value, label in item.values],
        "polymorphicForeignKey": len(item.references) > 1,
        "precision": item.precision if item.type != "int" else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(item.references),
        "relationshipName": item.relationship or None,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": item.restricted,
        "scale": item.scale,
        "searchPrefilterable": False,
        "soapType": _SOAP.get(item.type, "xsd:double" if number else "xsd:string"),
        "sortable": item.stored and not item.long_text,
        "type": item.type,
        "unique": item.unique,
        "updateable": item.updateable,
        "writeRequiresMasterRead": False,
    }


def _picklist_value(item: Field, value: str, label: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": value == item.default, "label": label, "validFor": None, "value": value}
