"""A local Salesforce: OAuth, REST, SOQL, composite graphs, notifications and the Pub/Sub API, over TLS on loopback.

Salesforce's documents, schemas and recorded payloads decide what it does; where they are silent, a comment says so.
"""

from .org import ADMIN_USER, INTEGRATION_USER, STANDARD_USER, UNASSIGNED
from .server import REDIRECT_URIS, Sandbox, start

__all__ = ["ADMIN_USER", "INTEGRATION_USER", "REDIRECT_URIS", "STANDARD_USER", "UNASSIGNED", "Sandbox", "start"]
