"""The texts of our queries. PURE.

Values always pass ``format_soql``; names of fields and objects come from our own tables or from a describe. A query
travels in the URL, which Salesforce caps at 16,384 bytes, so lists of ids are kept short or sent another way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from simple_salesforce.format import format_soql

from connector.salesforce.fields import AUDIT_OBJECT, DELETED, MODIFIED, RULE_OBJECT, moment, packaged, timestamp
from connector.salesforce.payloads import AUDIT_FIELDS, KEY_FIELD, RULE_FIELDS

PAGE = 2000
"""Rows of one page; the most that one answer holds."""

OPPORTUNITIES = "Opportunities"
"""The relationship from an account to its opportunities."""
COUNTED = "counted"
"""Our name of the number in an aggregate's row."""
EARLIEST, LATEST = "earliest", "latest"
"""Our names of the times in an aggregate's row."""
OPEN_LEAD = "IsConverted = false"
"""Which leads are open. Of a status, Salesforce tells only whether it is one of converted leads (LeadStatus), and a
lead gets such a one by being converted: a lead that was given up cannot be told from one that is worked on."""

USERS = (
    "SELECT Id, Name, Email, IsActive, ManagerId, TimeZoneSidKey, LanguageLocaleKey FROM User "
    "WHERE UserType = 'Standard' ORDER BY Id"
)
QUEUES = (
    "SELECT Id, Name, Email FROM Group WHERE Type = 'Queue' "
    "AND Id IN (SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Lead') ORDER BY Id"
)
NOTIFICATION_TYPE = "Switchyard_Lead_Assigned"


def page(sobject: str, names: Sequence[str], *, after: str | None, since: datetime | None) -> str:
    """Return the query of one page of a scan: by Id, or by SystemModstamp and Id from `since` on."""
    head = f"SELECT {', '.join(names)} FROM {sobject}"  # noqa: S608 - names come from our tables and from describe
    if since is None:
        where = format_soql(" WHERE Id > {}", after) if after else ""
        return f"{head}{where} ORDER BY Id LIMIT {PAGE}"
    return f"{head} WHERE {_from(since, after)} ORDER BY {MODIFIED}, Id LIMIT {PAGE}"


def count(sobject: str, *, since: datetime | None) -> str:
    """Return the query that counts what a scan will find."""
    where = f" WHERE {MODIFIED} >= {timestamp(since)}" if since else ""
    return f"SELECT COUNT() FROM {sobject}{where}"  # noqa: S608 - the name comes from our table


def gone(sobject: str, names: Sequence[str], *, after: str | None, since: datetime) -> str:
    """Return the query (for queryAll) of one page of what was deleted from `since` on, by SystemModstamp and Id.

    Deleting a record stamps it, and the recycle bin keeps it for 15 days (fewer when somebody empties it).
    """
    head = f"SELECT {', '.join(names)} FROM {sobject} WHERE {DELETED} = true"  # noqa: S608 - names are ours
    return f"{head} AND {_from(since, after)} ORDER BY {MODIFIED}, Id LIMIT {PAGE}"


def place(modified: str, record_id: str) -> str:
    """Return the place of a row in a scan by change, for the next page."""
    return f"{modified}|{record_id}"


def read_place(after: str) -> tuple[str, str]:
    """Read a place back as (time literal, id). Raises ValueError when it is none of ours."""
    modified, _, last = after.partition("|")
    at = moment(modified)
    if at is None:
        raise ValueError("not a place in a scan by change")
    return timestamp(at), last


def rules(namespace: str, more: Iterable[str] = ()) -> str:
    """Return the query of all rule rows; `more` are further fields by their names in the org."""
    names = ", ".join(["Id", *_names(RULE_FIELDS.values(), namespace), *more])
    position = packaged("Position__c", namespace)
    return f"SELECT {names} FROM {packaged(RULE_OBJECT, namespace)} ORDER BY {position}, Id"  # noqa: S608


def audits_of(lead_id: str, namespace: str, more: Iterable[str] = ()) -> str:
    """Return the query of a lead's audit rows, newest first; `more` are further fields by their names in the org."""
    names = ", ".join(["Id", "Name", *_names(AUDIT_FIELDS.values(), namespace), *more])
    query = (
        f"SELECT {names} FROM {packaged(AUDIT_OBJECT, namespace)} WHERE {packaged('Record_Id__c', namespace)} = {{}} "  # noqa: S608
        f"ORDER BY {packaged('Decided_At__c', namespace)} DESC, Id DESC LIMIT 200"
    )
    return format_soql(query, lead_id)


def audits_after(after: str | None, namespace: str, more: Iterable[str], limit: int) -> str:
    """Return the query of the next audit rows by id, which is the order in which they were made."""
    names = ", ".join(["Id", "Name", *_names(AUDIT_FIELDS.values(), namespace), *more])
    query = f"SELECT {names} FROM {packaged(AUDIT_OBJECT, namespace)}"  # noqa: S608
    later = format_soql(" WHERE Id > {}", after) if after else ""
    return f"{query}{later} ORDER BY Id LIMIT {limit}"


def audits_by_key(keys: Sequence[str], namespace: str) -> str:
    """Return the query of the audit rows of some decisions: recorded or not, anything refused or not."""
    key, detail = packaged(KEY_FIELD, namespace), packaged("Detail__c", namespace)
    query = f"SELECT Id, {key}, {detail} FROM {packaged(AUDIT_OBJECT, namespace)} WHERE {key} IN {{}}"  # noqa: S608
    return format_soql(query, list(keys))


def tasks_since(lead_ids: Sequence[str], since: datetime) -> str:
    """Return the query of the tasks made on some leads since a time, to find one that an earlier attempt made."""
    query = f"SELECT Id, WhoId, OwnerId, Subject FROM Task WHERE WhoId IN {{}} AND CreatedDate >= {timestamp(since)}"  # noqa: S608
    return format_soql(query, list(lead_ids))


def accounts(ids: Sequence[str], names: Collection[str], opportunity: Collection[str] = ()) -> str:
    """Return the query of some accounts' fields, and of each one's open opportunity that closes first.

    `opportunity` names the fields to tell of that one; without any, none is asked for. LIMIT counts for each account.
    """
    columns = ["Id", *names]
    if opportunity:
        by = "CloseDate NULLS LAST, Id" if "CloseDate" in opportunity else "Id"
        columns.append(
            f"(SELECT {', '.join(opportunity)} FROM {OPPORTUNITIES} WHERE IsClosed = false ORDER BY {by} LIMIT 1)"  # noqa: S608
        )
    return format_soql(f"SELECT {', '.join(columns)} FROM Account WHERE Id IN {{}}", list(ids))  # noqa: S608


def open_opportunities(account_ids: Sequence[str]) -> str:
    """Return the query that counts the open opportunities of accounts; who has none has no row."""
    return format_soql(
        f"SELECT AccountId, COUNT(Id) {COUNTED} FROM Opportunity "  # noqa: S608 - the name is ours
        "WHERE AccountId IN {} AND IsClosed = false GROUP BY AccountId",
        list(account_ids),
    )


def contacts(account_ids: Sequence[str]) -> str:
    """Return the query that counts the contacts of accounts; who has none has no row."""
    return format_soql(
        f"SELECT AccountId, COUNT(Id) {COUNTED} FROM Contact WHERE AccountId IN {{}} GROUP BY AccountId",  # noqa: S608
        list(account_ids),
    )


def leads(lead_ids: Sequence[str], names: Collection[str]) -> str:
    """Return the query of some leads' fields; those that were deleted or merged away have no row."""
    return format_soql(f"SELECT {', '.join(['Id', *names])} FROM Lead WHERE Id IN {{}}", list(lead_ids))  # noqa: S608


def tasks(task_ids: Sequence[str]) -> str:
    """Return the query of what some tasks say and whether they are done; deleted ones have no row."""
    columns = "Id, OwnerId, Subject, Description, ActivityDate, IsClosed"
    return format_soql(f"SELECT {columns} FROM Task WHERE Id IN {{}}", list(task_ids))  # noqa: S608 - ours


def done_tasks(task_ids: Sequence[str], closed_at: str) -> str:
    """Return the query of those of some tasks that are done, with the field that says since when."""
    return format_soql(f"SELECT Id, {closed_at} FROM Task WHERE Id IN {{}} AND IsClosed = true", list(task_ids))  # noqa: S608 - ours


def activities(sobject: str, lead_ids: Sequence[str], since: datetime, at: str, only: str = "") -> str:
    """Return the query of the activities of each lead that were written after a time; none: no row.

    It tells when the latest was written, and the earliest value of the field `at`. `only` is a condition of ours.
    """
    also = f" AND {only}" if only else ""
    query = (
        f"SELECT WhoId, MIN({at}) {EARLIEST}, MAX(LastModifiedDate) {LATEST} FROM {sobject} "  # noqa: S608 - ours
        f"WHERE WhoId IN {{}} AND LastModifiedDate > {timestamp(since)}{also} GROUP BY WhoId"
    )
    return format_soql(query, list(lead_ids))


def open_leads(user_ids: Sequence[str]) -> str:
    """Return the query that counts the open leads that users own; who has none has no row."""
    return format_soql(
        f"SELECT OwnerId, COUNT(Id) {COUNTED} FROM Lead WHERE OwnerId IN {{}} AND {OPEN_LEAD} GROUP BY OwnerId",  # noqa: S608
        list(user_ids),
    )


def notification_type(namespace: str) -> str:
    """Return the tooling query that finds our notification type, whose id differs from org to org.

    [U] That the type's namespace is called NamespacePrefix, as on other tooling objects.
    """
    query = format_soql("SELECT Id FROM CustomNotificationType WHERE DeveloperName = {}", NOTIFICATION_TYPE)
    return query + (format_soql(" AND NamespacePrefix = {}", namespace) if namespace else "")


def _from(since: datetime, after: str | None) -> str:
    """Return the condition of a page by change: from `since`, or behind the place of the page before.

    Any number of records may share a stamp. One that changes while we read moves to the end, and is read again there.
    """
    if after is None:
        return f"{MODIFIED} >= {timestamp(since)}"
    at, last = read_place(after)
    return format_soql(
        f"({MODIFIED} > {{at:literal}} OR ({MODIFIED} = {{at:literal}} AND Id > {{last}}))", at=at, last=last
    )


def _names(apis: Iterable[str], namespace: str) -> list[str]:
    """Apply the namespace to our own fields."""
    return [packaged(api, namespace) if api.endswith("__c") else api for api in apis]
