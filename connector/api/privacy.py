"""Operations on one person's data: all that is held about them, and forgetting them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from connector.api.caller import Caller
from connector.api.frame import operation
from connector.api.shapes import LINE, Shape, Wish
from connector.api.tags import PRIVACY
from connector.desk import person

LONGEST_ID = 64
"""As long as an id is kept; those of Salesforce have 18 characters, those of HubSpot fewer than 20."""
Told = dict[str, Any]


class PersonHeld(Shape):
    """All that is held about a person. What stands in the CRM, our tasks and audits too, is no part of it."""

    ids: list[str] = Field(description="The record, and what was merged into it.")
    records: list[Told] = Field(description="The records as they were read last.")
    decisions: list[Told] = Field(description="Decisions about them, whole, with what was done.")
    named_in: list[Told] = Field(description="What decisions about others say of them.")
    questions: list[Told] = Field(description="What people are and were asked about them, what was said, and by whom.")
    changes: list[Told] = Field(description="What people did about them in the console or by the API.")
    answers: list[Told] = Field(description="Answers of the CRM and of this API that are remembered and name them.")
    rows: dict[str, list[Told]] = Field(description="The rest, by table of the database.")


class ForgetWish(Wish):
    """Whom to forget."""

    record: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID, pattern=LINE)] = Field(
        description="The id of their lead or contact in the CRM.", examples=["00Q000000000001AAA"]
    )


class Forgetting(Shape):
    """How many people wait to be forgotten; who they are is not told."""

    here: int = Field(description="Of whom something is held here still; that lasts a minute.")
    crm: int = Field(description="Who are forgotten here, while the CRM has not let go of all that we wrote there.")
    since: datetime | None = Field(description="When the first of them was asked for; null when nobody waits.")


@operation("GET", "/privacy/held/<record>", tag=PRIVACY, scope="settings:write", returns=PersonHeld, faults=(422,))
def export_person(caller: Caller, record: str) -> PersonHeld:
    """Return all that is held about the person of a lead or contact.

    That it was taken out is noted among the changes, about whom is not. It may take some seconds. It opens what nobody
    else is shown, so it needs more than to read. What is no id of a lead or contact in the CRM is refused.
    """
    told = person.export(caller.services, caller.install, record, by=caller.by)
    return PersonHeld.model_validate(json.loads(json.dumps(told, default=str)))


@operation("GET", "/privacy/forgetting", tag=PRIVACY, scope="read", returns=Forgetting)
def get_forgetting(caller: Caller) -> Forgetting:
    """Tell how many people wait to be forgotten."""
    return Forgetting.model_validate(person.forgetting_of(caller.services, caller.install))


# The answer names nobody: it is kept for a day under its idempotency key, and would outlive them.
@operation(
    "POST",
    "/privacy/forgetting",
    tag=PRIVACY,
    scope="settings:write",
    returns=Forgetting,
    status=202,
    body=ForgetWish,
)
def forget_person(caller: Caller, *, body: ForgetWish) -> Forgetting:
    """Have the person of a lead or contact forgotten, for good: here within a minute, then in what we wrote in the CRM.

    Delete the record in the CRM first: while it is there, its next change is read like any other. Who asked is noted
    among the changes, about whom is not. An id of which nothing is held here is taken too: the CRM may have something.
    What is no id of a lead or contact in the CRM is refused.
    """
    person.forget(caller.services, caller.install, body.record, by=caller.by)
    return Forgetting.model_validate(person.forgetting_of(caller.services, caller.install))
