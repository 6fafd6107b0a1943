"""The lines of the permission check about the org's own records: what is read, what is written, what is optional.

No package may grant these, so an administrator does. Source: 2GP guide "Permission Sets and Permission Set Groups".
"""

from __future__ import annotations

from collections.abc import Iterable

from connector.errors import Ignored, Refused
from connector.rows import Check
from connector.salesforce import soql
from connector.salesforce.check_lines import UNTOLD, fields_setting, line, listed, option, setting, system
from connector.salesforce.check_rights import Rights
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import CURRENCY, FIELDS, OWNER, PERSON, SAMPLES
from connector.salesforce.history import FIELDS as OPPORTUNITY_FIELDS
from connector.salesforce.history import LINKS, LOST_LINKS, History
from connector.salesforce.session import Session
from rules.model import Kind

KINDS: tuple[tuple[Kind, str], ...] = (("lead", "Lead"), ("contact", "Contact"), ("account", "Account"))
ABSENT = frozenset({CURRENCY, PERSON})
"""Fields that many orgs do not have; no permission brings them."""


def seen(rights: Rights) -> Iterable[Check]:
    """Yield whether change events of each object reach us. Source: Change Data Capture guide "Required Permissions"."""
    for _, sobject in KINDS:
        yield line(
            f"See all records of {sobject}",
            rights.sees_all(sobject),
            there="the connected user has View All",
            missing="the connected user has no View All",
            without="Salesforce drops its change events in silence, and matching misses records",
            remedy=setting(f"{sobject}s", "View All Records"),
        )


def readable(shapes: Shapes) -> Iterable[Check]:
    """Yield which of the fields that matching and rules read are hidden."""
    for kind, sobject in KINDS:
        shape = shapes.get(sobject)
        samples = set(SAMPLES.get(kind, {}).values())
        wanted = [api for api in FIELDS[kind].values() if not api.endswith("__c") and api not in ABSENT | samples]
        hidden = [api for api in wanted if shape is None or api not in shape.fields]
        yield option(
            f"Read the fields of {sobject}",
            not hidden,
            there=f"all {len(wanted)} can be read",
            missing=f"hidden from the connected user: {listed(hidden)}",
            without="these fields are empty for matching and rules",
            remedy=fields_setting(f"{sobject}s", hidden),
        )


def written(session: Session, shapes: Shapes, rights: Rights) -> Iterable[Check]:
    """Yield what routing writes: the owner of leads, and tasks."""
    shape = shapes.get("Lead")
    owner = shape.fields.get(OWNER) if shape else None
    yield line(
        "Edit leads",
        bool(shape and shape.updateable and owner and owner.updateable),
        there="the connected user can change leads and their owner",
        missing="the connected user cannot change a lead's owner",
        without="no lead gets an owner",
        remedy=setting("Leads", "Edit"),
    )
    transfer = bool(rights.user & {"TransferAnyLead", "ModifyAllData"})
    yield line(
        "Transfer leads",
        transfer or (rights.objects or {}).get("Lead", frozenset()) >= {"ModifyAllRecords"},
        there="the connected user can give away leads of others",
        missing="the connected user can only give away its own leads",
        without="leads that others own may be refused",
        remedy=system("Transfer Leads"),
    )
    task = _described(session, "Task")
    yield line(
        "Create tasks",
        bool(task.get("createable")),
        there="the connected user can create tasks",
        missing="the connected user cannot create tasks",
        without="people get no task for their lead",
        remedy=system("Edit Tasks"),
    )
    yield option(
        "Edit and delete tasks",
        bool(task.get("updateable") and task.get("deletable")),
        there="the connected user can edit and delete tasks",
        missing="the connected user cannot edit or delete tasks",
        without="who undoes a decision deletes its task by hand, and whoever loses a lead by a decision keeps theirs",
        remedy=system("Edit Tasks"),
    )


def told(rights: Rights) -> Check:
    """Return whether people can be told in Salesforce."""
    return line(
        "Send notifications",
        "SendCustomNotifications" in rights.user,
        there="the connected user can send custom notifications",
        missing="the connected user cannot send custom notifications",
        without="people get their task, but no notification",
        remedy=system("Send Custom Notifications"),
    )


def people(session: Session, rights: Rights) -> Iterable[Check]:
    """Yield whether everybody who can own a lead is seen: users and queues."""
    yield option(
        "See all users",
        bool(rights.user & {"ViewAllUsers", "ManageUsers"}),
        there="the connected user can see everybody",
        missing="the connected user sees only whom the org shares with it",
        without="where Setup > Security > Sharing Settings makes users private, the others get no leads",
        remedy=system("View All Users"),
    )
    try:
        queues: int | None = len(session.query(soql.QUEUES))
    except (Ignored, Refused):
        queues = None
    yield option(
        "Give leads to queues",
        queues is not None,
        there=f"queues that can own leads: {queues}",
        missing="the connected user cannot see the queues",
        without="rules can name people only",
        remedy=system("View Setup and Configuration"),
    )


def activities(shapes: Shapes) -> Check:
    """Return whether meetings count as somebody's answer to a lead."""
    return option(
        "Read events of the calendar",
        shapes.get("Event") is not None,
        there="the connected user can read them",
        missing="hidden from the connected user",
        without="a meeting does not count as an answer, so reminders go on",
        remedy=system("Access Activities"),
    )


def opportunities(history: History, rights: Rights) -> Check:
    """Return what ranking and rules may ask about an account's opportunities."""
    shape = history.opportunities()
    wanted = {*OPPORTUNITY_FIELDS.values(), *LINKS, *LOST_LINKS}
    hidden = wanted - (shape.fields.keys() if shape else set())
    if shape is None:
        fault = "hidden from the connected user"
        remedy = setting("Opportunities", f"Read, and Read Access to {listed(LINKS)}")
    elif hidden:
        fault = f"hidden from the connected user: {listed(hidden)}"
        remedy = setting("Opportunities", f"Read Access to {listed(hidden)}")
    else:
        sees = rights.sees_all("Opportunity")
        fault = UNTOLD if sees is None else "" if sees else "without View All, those that others own are not counted"
        remedy = setting("Opportunities", "View All Records")
    return option(
        "Read opportunities",
        not fault,
        there="the connected user can see them all",
        missing=fault,
        without="ranking and rules know nothing, or too little, of an account's open and lost opportunities",
        remedy=remedy,
    )


def duplicates(rights: Rights) -> Iterable[Check]:
    """Yield what removing duplicates needs. Sources: SOAP API guide "merge()", "convertLead()"."""
    undeletable = [name for _, name in KINDS if not (rights.may(name, "Edit") and rights.may(name, "Delete"))]
    yield option(
        "Merge duplicates",
        None if rights.may("Lead", "Delete") is None else not undeletable,
        there="the connected user can edit and delete leads, contacts and accounts",
        missing=f"the connected user cannot edit and delete: {listed(undeletable)}",
        without="duplicates are found and told, but not merged",
        remedy=setting(" and ".join(f"{name}s" for name in undeletable), "Edit and Delete"),
    )
    unmade = [name for name in ("Account", "Contact") if not (rights.may(name, "Create") and rights.may(name, "Edit"))]
    right = "Convert Leads"
    yield option(
        "Convert leads",
        None if rights.objects is None else right.replace(" ", "") in rights.user and not unmade,
        there="the connected user can convert leads",
        missing=f"the connected user has no {right}" if not unmade else f"it cannot create and edit: {listed(unmade)}",
        without="a lead whose person is a contact already is told, but not converted",
        remedy=setting(" and ".join(f"{name}s" for name in unmade), "Create and Edit") if unmade else system(right),
    )


def _described(session: Session, sobject: str) -> dict[str, object]:
    """Return what an object's describe says of it; nothing when the connected user has no such object."""
    try:
        found: dict[str, object] = session.call("GET", f"sobjects/{sobject}/describe")
    except Ignored:
        return {}
    return found
