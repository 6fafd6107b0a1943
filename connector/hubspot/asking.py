"""HubSpot with requests from its cards. A card calls us there, so a request stands in our store, not on the record.

Read with its lead and answered like one that stands on the record of another CRM: jobs/requests.py knows no difference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from connector.hubspot.gateway import HubSpotCrm
from connector.work import Effect, Step
from rules.actions import Answer
from rules.model import AUDIT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.store.asked import StoredRequests
    from connector.work import Unanswered, Work
    from rules.model import Kind, Record

StepsT = TypeVar("StepsT", bound=tuple[Step, ...])

NOT_DONE = "The CRM did not accept it"
"""Stands where HubSpot refused part of what was asked for and gave no words."""


def _with_answers(steps: StepsT) -> StepsT:
    """Return the stages, where that of the audit gives the answer as well."""
    wanted = (replace(each, actions=each.actions | {Answer.key}) if AUDIT in each.actions else each for each in steps)
    return cast("StepsT", tuple(wanted))


class AskedHubSpot(HubSpotCrm):
    """A portal whose cards ask; without :meth:`use_requests` nothing is ever asked for."""

    steps = _with_answers(HubSpotCrm.steps)
    """The answer is given with the audit, which is also written when HubSpot refused what was to be done before it."""
    _requests: StoredRequests | None = None

    def use_requests(self, requests: StoredRequests) -> None:
        """Read and answer the requests of this store from now on."""
        self._requests = requests

    @property
    def can(self) -> frozenset[str]:
        """As without cards, and ``requests``."""
        return super().can | ({"requests"} if self._requests is not None else set())

    def read(self, kind: Kind, ids: Sequence[str], *, extra: Collection[str] = ()) -> dict[str, Record]:
        """Read records with what is asked for on them: ``request``, and ``request_by`` who asks."""
        found = super().read(kind, ids, extra=extra)
        if self._requests is None or kind != "lead" or not found:
            return found
        # After the record itself: what is asked meanwhile has a letter of its own, and is read with that.
        for lead_id, request in self._requests.pending(found).items():
            lead = found[lead_id]
            there = {"request": request.what, "request_by": request.user_id}
            found[lead_id] = replace(lead, fields={**lead.fields, **there})
        return found

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Perform a step; a request is answered as soon as the audit record of its decision is settled."""
        actions = next(each.actions for each in self.steps if each.name == step)
        if Answer.key not in actions:
            return super().apply(step, work)
        found = super().apply(step, self._noted(work))
        waits = {each.decision_key for each in found if each.action == AUDIT and each.status == "later"}
        due = [item for item in work if _answer(item) and item.decision.key not in waits]
        if self._requests is not None:
            self._requests.answer({item.decision.lead.id: _refused(item) for item in due})
        return found + [Effect(item.decision.key, Answer.key, "done") for item in due if Answer.key in item.pending]

    def _noted(self, work: Sequence[Work]) -> list[Work]:
        """Return the work with what people wrote with their requests, so that the audit has their own words."""
        leads = {item.decision.lead.id for item in work if _answer(item)}
        asked = self._requests.pending(leads) if self._requests is not None and leads else {}
        notes = {lead_id: request.note for lead_id, request in asked.items() if request.note}
        return [
            _with_note(item, notes[item.decision.lead.id]) if _answer(item) and item.decision.lead.id in notes else item
            for item in work
        ]

    def refuse_requests(self, kind: Kind, refused: Mapping[str, str]) -> list[Unanswered]:
        """Say why nothing was done; nobody else writes there, so each is answered."""
        if self._requests is not None and kind == "lead":
            self._requests.answer(refused)
        return []


def _refused(item: Work) -> str:
    """Return why what was asked for was not done; empty when it was."""
    found = _answer(item)
    if item.decision.outcome != "refused":
        return found.refused if found else ""
    return next((each.detail for each in item.entry.results if each.status == "refused" and each.detail), NOT_DONE)


def _with_note(item: Work, note: str) -> Work:
    entry = item.entry
    said = replace(entry, reason=f"{entry.reason} “{note}”", story=f"{entry.story}\n\n“{note}”")
    return replace(item, entry=said)


def _answer(item: Work) -> Answer | None:
    """Return what the decision is to answer; None when nobody asked for it."""
    return next((each for each in item.decision.actions if isinstance(each, Answer)), None)
