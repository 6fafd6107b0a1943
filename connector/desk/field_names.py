"""Which fields of the CRM stand behind our names, and choosing others: an item of the rules, published like any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connector.crm import Crm
from connector.desk import retelling, rulebook
from connector.desk.faults import Unusable
from connector.services import Services
from connector.store.installs import Install
from jobs import fieldnames
from jobs.fieldnames import Mapped, Unfit
from jobs.publish import Proposal
from rules.field_names import MAPPED
from rules.wording.words import say

NOTE = "fields"
"""Why it was published, in the history of the rules."""


class Unfitting(Unusable):
    """Some fields cannot stand behind names; `reasons` says of each name why, and what to do."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("Nothing was saved: some fields cannot stand behind these names.", field="fields")
        self.reasons = dict(reasons)


class _Same(Exception):  # noqa: N818 - it is what the mapping is
    """Nothing differs."""


def read(services: Services, install: Install) -> Mapped:
    """Ask the CRM for the mapping and for all fields. Raises what the CRM raises."""
    with rulebook.opened(services, install) as crm:
        found = fieldnames.read(crm)
    return replace(found, fault=retelling.kept_fault(found.fault))


def save(services: Services, install: Install, wanted: Mapping[str, str], *, by: str, name: str) -> Proposal | None:
    """Publish fields for names (``lead.product``; "" for the usual one); None when that is what there is.

    Raises Unfitting, Faulty or Red when it cannot hold, Overtaken, and what the CRM raises.
    """
    known = {f"{scope}.{each}" for scope, names in MAPPED.items() for each in names}
    strange: dict[str, str] = {each: say("fields.no name") for each in wanted if each not in known}
    if strange:
        raise Unfitting(strange)

    def propose(crm: Crm) -> Proposal:
        try:
            found = fieldnames.propose(crm, wanted)
        except Unfit as error:
            raise Unfitting(error.reasons) from None
        if found is None:
            raise _Same
        return found

    try:
        return rulebook.go_live(
            services, install, propose, by=by, name=name, did="fields", why=NOTE, about=", ".join(sorted(wanted))
        )
    except _Same:
        return None
