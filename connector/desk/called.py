"""What people call a record."""

from __future__ import annotations

from rules.model import Record


def lead_name(lead: Record) -> str:
    """Return what people call a lead: its name, else its email, company or id."""
    whole = lead.text("name") or f"{lead.text('first_name')} {lead.text('last_name')}".strip()
    return whole or lead.text("email") or lead.text("company") or lead.id
