"""Snapshots of merges that are too old to be taken back by: emptied first, as the recycle bin keeps them for 15 days.

For 200 records three calls: one that finds them by their age, one that empties and one that deletes them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from simple_salesforce.format import format_soql

from connector.rows import Expired
from connector.salesforce import writing
from connector.salesforce.describe import Shapes
from connector.salesforce.erasing import done
from connector.salesforce.fields import SNAPSHOT_OBJECT, packaged, timestamp
from connector.salesforce.session import Session
from connector.salesforce.snapshot_parts import CONTENT, DECISION_KEY

PAGE: Final = writing.ROWS
"""Records of one page: as many as one call can change."""


def expire(
    session: Session, shapes: Shapes, *, before: datetime, but: Collection[str], after: str | None, namespace: str
) -> Expired:
    """Delete the next records of snapshots made before that, by their ids; those of the decisions `but` stay.

    Raises Later, Revoked, or Refused when the org does not let us.
    """
    sobject, key = packaged(SNAPSHOT_OBJECT, namespace), packaged(DECISION_KEY, namespace)
    if shapes.get(sobject) is None:
        return Expired(0, None)
    later = format_soql(" AND Id > {}", after) if after else ""
    query = f"SELECT Id, {key} FROM {sobject} WHERE CreatedDate < {timestamp(before)}{later} ORDER BY Id LIMIT {PAGE}"  # noqa: S608 - names are ours
    rows = session.query(query)
    old = [str(row["Id"]) for row in rows if str(row[key]) not in but]
    if old:
        empty = {packaged(CONTENT, namespace): None}
        done(writing.write(session, "PATCH", [{"attributes": {"type": sobject}, "Id": each} | empty for each in old]))
        done(writing.delete(session, old))
    return Expired(len(old), str(rows[-1]["Id"]) if len(rows) == PAGE else None)
