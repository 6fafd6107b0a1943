"""The audits of the CRM in memory, as it tells them."""

from __future__ import annotations

from rules.model import AuditEntry


def audit_texts(entry: AuditEntry) -> dict[str, str]:
    """Return an audit as text; empty fields are left out."""
    names = (
        "key",
        "lead_id",
        "story",
        "outcome",
        "reason",
        "detail",
        "trace_id",
        "previous_owner_id",
        "response_status",
    )
    told = {name: str(getattr(entry, name) or "") for name in names}
    told["responded_at"] = entry.responded_at.isoformat() if entry.responded_at else ""
    told["response_minutes"] = "" if entry.response_minutes is None else str(entry.response_minutes)
    return {name: value for name, value in told.items() if value}
