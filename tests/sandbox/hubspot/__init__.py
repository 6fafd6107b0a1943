"""A local HubSpot: OAuth, CRM objects, associations, search, custom objects, owners and signed webhooks.

Built from the platform's documentation, recorded payloads and specifications; product code cannot tell the difference
but for the base URL. Start it with :func:`start`, or ``python -m tests.sandbox.hubspot --help``.
"""

from tests.sandbox.hubspot.server import Sandbox, start

__all__ = ["Sandbox", "start"]
