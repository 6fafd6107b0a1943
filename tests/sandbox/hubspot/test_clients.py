"""HubSpot's own Python client, with its older paths rewritten, understands every answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    PublicAssociationMultiPost,
    PublicObjectId,
)
from hubspot.crm.contacts import (
    ApiException,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicObjectSearchRequest,
    SimplePublicObjectInputForCreate,
)

from tests.sandbox.hubspot.conftest import CONTACTS, Client

RENAMED = (
    (r"^/crm/v3/objects/", "/crm/objects/2026-09/"),
    (r"^/crm/v3/(owners|properties)", r"/crm/\1/2026-09"),
    (r"^/crm/v4/associations/(.*)", r"/crm/associations/2026-09/\1"),
    (r"^/crm-object-schemas/v3/", "/crm-object-schemas/2026-09/"),
)


def dated(package: Any, name: str, config: dict[str, Any]) -> Any:
    """Make one of the client's APIs call the dated paths."""
    configuration = package.Configuration(host=config["host"])
    configuration.access_token = config["access_token"]
    api_client = package.ApiClient(configuration=configuration)
    original = api_client.call_api

    def call_api(path: str, *given: Any, **more: Any) -> Any:
        for old, new in RENAMED:
            path = re.sub(old, new, path)
        return original(path, *given, **more)

    api_client.call_api = call_api
    return getattr(package, name)(api_client=api_client)


@pytest.fixture
def official(client: Client) -> HubSpot:
    return HubSpot(access_token=client.token, host=client.sandbox.url, api_factory=dated)


def new(**properties: str) -> SimplePublicObjectInputForCreate:
    return SimplePublicObjectInputForCreate(properties=properties, associations=[])


def test_records_and_errors_come_out_as_models(official: HubSpot) -> None:
    contacts = official.crm.contacts
    made = contacts.basic_api.create(new(email="ana@acme.com"))
    read = contacts.basic_api.get_by_id(made.id, properties=["email"], associations=["companies"])
    assert read.properties["email"] == "ana@acme.com"
    assert read.created_at == made.created_at
    with pytest.raises(ApiException) as refused:
        contacts.basic_api.create(new(email="ana@acme.com"))
    assert refused.value.status == 409
    assert contacts.basic_api.archive(made.id) is None


def test_batches_and_multi_status_answers_come_out_as_models(official: HubSpot) -> None:
    batch = official.crm.contacts.batch_api
    made = batch.create(
        BatchInputSimplePublicObjectBatchInputForCreate(inputs=[new(email="a@acme.com"), new(email="b@acme.com")])
    )
    assert made.status == "COMPLETE"
    ids = [{"id": one.id} for one in made.results]
    wanted = BatchReadInputSimplePublicObjectId(
        inputs=[*ids, {"id": "99"}], properties=["email"], properties_with_history=[]
    )
    read = batch.read(wanted)
    assert len(read.results) == 2
    assert read.num_errors == 1
    assert read.errors[0].category == "OBJECT_NOT_FOUND"


def test_search_and_listing_come_out_as_models(official: HubSpot) -> None:
    made = official.crm.contacts.basic_api.create(new(email="ana@acme.com"))
    one = Filter(property_name="email", operator="EQ", value="ana@acme.com")
    request = PublicObjectSearchRequest(filter_groups=[FilterGroup(filters=[one])], limit=10)
    found = official.crm.contacts.search_api.do_search(request)
    assert (found.total, found.results[0].id) == (1, made.id)
    assert [one.id for one in official.crm.contacts.get_all()] == [made.id]


def test_owners_properties_schemas_and_associations_come_out_as_models(official: HubSpot, client: Client) -> None:
    sandbox = client.sandbox
    sandbox.load(client.portal, "owners", [{"id": 41, "teams": [{"id": "1", "name": "T", "primary": True}]}])
    assert official.crm.owners.owners_api.get_page().results[0].id == "41"
    names = {one.name for one in official.crm.properties.core_api.get_all("contacts").results}
    assert "lifecyclestage" in names
    assert official.crm.schemas.core_api.get_all().results == []
    firm = sandbox.load(client.portal, "companies", [{"properties": {"name": "Acme"}}])["ids"][0]
    contact = client.create(CONTACTS, email="ana@acme.com")
    spec = AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)
    pair = PublicAssociationMultiPost(_from=PublicObjectId(id=contact), to=PublicObjectId(id=firm), types=[spec])
    batch = official.crm.associations.v4.batch_api
    made = batch.create("contacts", "companies", BatchInputPublicAssociationMultiPost(inputs=[pair]))
    assert made.results[0].from_object_id
