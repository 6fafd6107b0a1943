"""The standard action that sends custom notifications."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .api import Answer, Api, Call
from .clock import now
from .errors import SalesforceError
from .ids import to18
from .store import quoted

if TYPE_CHECKING:
    from .org import Org

NAME = "customNotificationAction"
_MOST_RECIPIENTS, _LONGEST_TITLE, _LONGEST_BODY = 500, 250, 750


class Actions:
    """``/actions/standard/customNotificationAction``."""

    def __init__(self, api: Api) -> None:
        self._org: Org = api.org
        api.route("GET", "/actions/standard", self.index)
        api.route("POST", f"/actions/standard/{NAME}", self.notify)

    def index(self, call: Call) -> Answer:
        """The standard actions there are."""
        url = f"/services/data/v{call.version}/actions/standard/{NAME}"
        return Answer(
            200,
            {
                "actions": [
                    {"label": "Send Custom Notification", "name": NAME, "type": "CUSTOMNOTIFICATION", "url": url}
                ]
            },
        )

    def notify(self, call: Call) -> Answer:
        """Send each input; what is wrong with one is said in its own entry, and makes the answer a 400."""
        inputs = call.body.get("inputs") if isinstance(call.body, dict) else None
        if not isinstance(inputs, list) or not inputs:
            raise SalesforceError("MISSING_ARGUMENT", "inputs are required")
        if not self._org.people.has(call.session.user_id, "SendCustomNotifications"):
            raise SalesforceError("INSUFFICIENT_ACCESS", "You need the Send Custom Notifications user permission.")
        answers = [self._one(given, call.session.user_id) for given in inputs]
        return Answer(200 if all(answer["isSuccess"] for answer in answers) else 400, answers)

    def _one(self, given: dict[str, Any], sender: str) -> dict[str, Any]:
        try:
            self._send(given, sender)
        except SalesforceError as error:
            return _answer([{"statusCode": error.code, "message": error.message, "fields": list(error.fields)}])
        return _answer(None)

    def _send(self, given: dict[str, Any], sender: str) -> None:
        missing = [name for name in ("customNotifTypeId", "recipientIds", "title", "body") if not given.get(name)]
        if not given.get("targetId") and not given.get("targetPageRef"):
            missing.append("targetId")
        if missing:
            raise _wrong(f"Missing required input parameter: {missing[0]}", "REQUIRED_FIELD_MISSING")
        recipients = given["recipientIds"]
        if len(recipients) > _MOST_RECIPIENTS:
            raise _wrong(f"recipientIds: more than {_MOST_RECIPIENTS} recipients")
        if len(given["title"]) > _LONGEST_TITLE or len(given["body"]) > _LONGEST_BODY:
            raise _wrong("The title or the body is too long", "STRING_TOO_LONG")
        type_id = to18(given["customNotifTypeId"]) or ""
        if self._org.store.row(self._org.schema.get("CustomNotificationType"), type_id) is None:
            raise _wrong("customNotifTypeId: no notification type with this id")
        for recipient in recipients:
            self._check_recipient(recipient)
        since = now().timestamp() - 3600
        sent = self._org.store.one("SELECT COUNT(*) AS sent FROM sys_notification WHERE at > ?", (since,))
        if sent is None or sent["sent"] < self._org.settings.notifications_per_hour:
            # Above the hourly allowance notifications are lost, and the caller hears nothing of it.
            target = str(given.get("targetId") or given.get("targetPageRef"))
            texts = {"title": given["title"], "body": given["body"], "target": target}
            self._org.notify(recipients, type_id=type_id, sender=sender, **texts)

    def _check_recipient(self, recipient: str) -> None:
        full = to18(recipient)
        sobject = self._org.schema.by_prefix(full) if full else None
        kinds = {"User", "Group", "Account", "Opportunity"}
        if sobject is None or sobject.name not in kinds:
            raise _wrong(f"recipientIds: not a user, queue, group, account or opportunity: {recipient}")
        if self._org.store.one(f"SELECT 1 FROM {quoted(sobject.name)} WHERE Id = ?", (full,)) is None:
            raise _wrong(f"recipientIds: no recipient with this id: {recipient}")


def _wrong(message: str, code: str = "INVALID_INPUT") -> SalesforceError:
    return SalesforceError(code, message)


def _answer(errors: list[dict[str, Any]] | None) -> dict[str, Any]:
    return {
        "actionName": NAME,
        "errors": errors,
        "isSuccess": errors is None,
        "outputValues": {"SuccessMessage": "Your custom notification is processed successfully."}
        if errors is None
        else None,
    }
