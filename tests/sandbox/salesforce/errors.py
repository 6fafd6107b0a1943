"""The errors of the REST API, in the shapes that Salesforce answers with."""

from __future__ import annotations

from typing import Any

_STATUS = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "API_DISABLED_FOR_ORG": 403,
    "NOT_FOUND": 404,
    "INVALID_CROSS_REFERENCE_KEY": 400,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "PRECONDITION_FAILED": 412,
    "URI_TOO_LONG": 414,
    "UNSUPPORTED_API_VERSION": 410,
}

# The codes for an owner who cannot own are not confirmed by an official page: they stand only here.
INACTIVE_OWNER = "OPERATION_WITH_INVALID_USER_TYPE_EXCEPTION"
# So is the code for a task that names a lead and another record at once.
LEAD_TASK_WITH_WHAT = "FIELD_INTEGRITY_EXCEPTION"


class SalesforceError(Exception):
    """A refused call: `code` is the errorCode, `fields` the fields it is about, `status` the HTTP status."""

    def __init__(
        self, code: str, message: str, *, fields: tuple[str, ...] = (), status: int | None = None, shape: Any = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status or _STATUS.get(code, 400)
        self.shape = shape  # a whole body, where it is no list of errors

    def body(self) -> Any:
        """The body of a single call: a list of errors with `errorCode`."""
        if self.shape is not None:
            return self.shape
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            error["fields"] = list(self.fields)
        return [error]

    def row(self) -> dict[str, Any]:
        """One entry of a collections answer: the code is called `statusCode` there."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}
        return {"success": False, "errors": [error]}
