"""Merging in one org, put together: what may be merged, and the steps snapshot, merge and unmerge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from connector.crm import Memo
from connector.merging import Mergeable
from connector.salesforce.answers import StaleSchema
from connector.salesforce.currencies import Currencies
from connector.salesforce.describe import ObjectShape, Shapes
from connector.salesforce.fields import SNAPSHOT_OBJECT, packaged
from connector.salesforce.mergeable import MergeReader
from connector.salesforce.merging import Merger
from connector.salesforce.related import JUNCTIONS, Related
from connector.salesforce.remaking import Remaker
from connector.salesforce.reparenting import Reparenter
from connector.salesforce.session import Session
from connector.salesforce.snapshots import Snapshots
from connector.salesforce.soap import Soap
from connector.salesforce.unmerging import Unmerger
from connector.settings import Settings
from connector.work import Effect, Work
from rules.actions import Member


class MergeSteps:
    """The parts of merging. `shape_of` returns an object's shape and raises Refused when it is hidden."""

    names = frozenset({"snapshot", "merge", "unmerge"})

    def __init__(
        self,
        session: Session,
        shapes: Shapes,
        currencies: Currencies,
        memo: Memo,
        *,
        settings: Settings,
        shape_of: Callable[[str], ObjectShape],
    ) -> None:
        version, self._namespace = settings.salesforce_api_version, settings.salesforce_namespace
        soap = Soap(session, version=version)
        related = Related(session, shapes, memo, version=version)
        self._shapes = shapes
        self._reader = MergeReader(session, shape_of, currencies, version=version, namespace=self._namespace)
        self._snapshots = Snapshots(session, shapes, self._reader, related, namespace=self._namespace)
        self._merger = Merger(session, soap, self._reader, memo, namespace=self._namespace)
        self._unmerger = Unmerger(
            session,
            soap,
            self._reader,
            Remaker(session, shapes, version=version, namespace=self._namespace),
            Reparenter(session, shapes, version=version),
            namespace=self._namespace,
        )

    def mergeable(self, members: Collection[Member], mapping: Mapping[str, str]) -> Mergeable:
        """Return what Salesforce says of records that may be merged. Raises Later or Revoked."""
        try:
            return self._reader.mergeable(members, mapping)
        except StaleSchema:
            self._forget()
        return self._reader.mergeable(members, mapping)

    def apply(self, step: str, work: Sequence[Work], mapping: Mapping[str, str]) -> list[Effect]:
        """Perform one of the steps. A field that has gone since we looked is looked for again, once."""
        try:
            return self._applied(step, work, mapping)
        except StaleSchema:
            self._forget()
        return self._applied(step, work, mapping)

    def _applied(self, step: str, work: Sequence[Work], mapping: Mapping[str, str]) -> list[Effect]:
        if step == "snapshot":
            return self._snapshots.take(work)
        if step == "merge":
            return self._merger.merge(work, mapping)
        return self._unmerger.unmerge(work, mapping)

    def _forget(self) -> None:
        """Describe again what merging reads and writes."""
        for name in ("Lead", "Contact", "Account", packaged(SNAPSHOT_OBJECT, self._namespace), *JUNCTIONS):
            self._shapes.forget(name)
