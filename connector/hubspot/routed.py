"""What a portal has routed: its contacts, or its leads. Each says how it is read, written and looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from connector.errors import Ignored, Later, Refused
from connector.hubspot import acts, lead_steps, leads, performing, reading, tasks, undoing
from connector.hubspot.fields import CONTACT, LEAD
from connector.rows import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from connector.crm import Routes
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.performing import Lacking
    from connector.hubspot.tasks import Anchor
    from connector.work import Effect, Work

    Json = Mapping[str, Any]

NOT_GRANTED = (
    "This HubSpot portal did not grant leads. They need Sales Hub Professional or Enterprise; with it, connect "
    "Switchyard again as a super admin."
)
_REMEDY = "Route contacts instead, or connect Switchyard again as a super admin where the subscription has leads"


class Routed(Protocol):
    """Kind ``lead``, as this portal means it."""

    object_type: str
    anchor: Anchor

    def wanted(self, extra: Collection[str], mapped: Mapping[str, str]) -> reading.Wanted:
        """Say how it is read."""
        ...

    def definitions(self, client: HubSpotClient) -> Sequence[Json]:
        """Return all properties that a rule may ask."""
        ...

    def states(self, client: HubSpotClient, ids: Collection[str]) -> dict[str, Json]:
        """Return what tells whether somebody has acted."""
        ...

    def open_of(self, owner: str) -> Json:
        """Return the search for an owner's open leads."""
        ...

    def update(self, client: HubSpotClient, work: Sequence[Work], lacking: Lacking) -> list[Effect]:
        """Set owners and stamps; `lacking` are properties of ours that the portal has not got, by object type."""
        ...

    def link(self, client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
        """Link accounts, where there is none."""
        ...

    def unlink(self, client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
        """Take back our links."""
        ...

    def check(self, client: HubSpotClient) -> tuple[Check, ...]:
        """Test what only it needs."""
        ...


def routed(routes: Routes, scopes: frozenset[str]) -> Routed:
    """Return what is routed where an admin chose `routes`; `scopes` are those of the token."""
    if routes == "contacts":
        return Contacts()
    return Leads(scopes, with_owner=routes == "leads and contacts")


class Contacts:
    """Contacts are routed: the same in portals of every subscription."""

    object_type = CONTACT
    anchor = tasks.ON_CONTACTS

    def wanted(self, extra: Collection[str], mapped: Mapping[str, str]) -> reading.Wanted:
        """See Routed."""
        return reading.plain("lead", extra, mapped)

    def definitions(self, client: HubSpotClient) -> Sequence[Json]:
        """See Routed."""
        found: Sequence[Json] = client.properties(CONTACT).get("results") or ()
        return found

    def states(self, client: HubSpotClient, ids: Collection[str]) -> dict[str, Json]:
        """See Routed."""
        return acts.states(client, ids)

    def open_of(self, owner: str) -> Json:
        """See Routed."""
        return acts.open_of(owner)

    def update(self, client: HubSpotClient, work: Sequence[Work], lacking: Lacking) -> list[Effect]:
        """See Routed."""
        return performing.update(client, work, lacking)

    def link(self, client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
        """See Routed."""
        return performing.link(client, work)

    def unlink(self, client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
        """See Routed."""
        return undoing.unlink(client, work)

    def check(self, client: HubSpotClient) -> tuple[Check, ...]:
        """See Routed."""
        _ = client
        return ()


class Leads:
    """Leads (0-136) are routed. `with_owner`: their contacts get their owner too."""

    object_type = LEAD
    anchor = tasks.ON_LEADS

    def __init__(self, scopes: frozenset[str], *, with_owner: bool) -> None:
        self._scopes = scopes
        self._with_owner = with_owner

    def wanted(self, extra: Collection[str], mapped: Mapping[str, str]) -> reading.Wanted:
        """See Routed."""
        return leads.wanted(extra, mapped)

    def definitions(self, client: HubSpotClient) -> Sequence[Json]:
        """See Routed."""
        return leads.definitions(client)

    def states(self, client: HubSpotClient, ids: Collection[str]) -> dict[str, Json]:
        """See Routed."""
        return leads.states(client, ids)

    def open_of(self, owner: str) -> Json:
        """See Routed."""
        return leads.open_of(owner)

    def update(self, client: HubSpotClient, work: Sequence[Work], lacking: Lacking) -> list[Effect]:
        """See Routed."""
        return lead_steps.update(client, work, lacking, with_owner=self._with_owner)

    def link(self, client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
        """See Routed."""
        return lead_steps.link(client, work)

    def unlink(self, client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
        """See Routed."""
        return lead_steps.unlink(client, work)

    def check(self, client: HubSpotClient) -> tuple[Check, ...]:
        """See Routed."""
        return (_line("Leads", lambda: self._readable(client), _REMEDY),)

    def _readable(self, client: HubSpotClient) -> str:
        if not self._scopes >= leads.SCOPES:
            raise Refused(NOT_GRANTED)
        client.page(LEAD, [], limit=1)
        return "Can be read"


def _line(name: str, test: Callable[[], str], remedy: str) -> Check:
    """Run one test: it returns what it found, or raises why it failed."""
    try:
        return Check(name, ok=True, detail=test())
    except (Refused, Ignored) as error:
        return Check(name, ok=False, detail=str(error), remedy=remedy)
    except Later as error:
        return Check(name, ok=False, detail=str(error), remedy="Try again in a minute")
