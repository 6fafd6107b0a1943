"""Who looks at the pages in the tests in a browser."""

from __future__ import annotations

from typing import Literal, TypeAlias

Viewer: TypeAlias = Literal["admin", "manager", "rep", "support", "hubspot"]
"""The four kinds of people of an org, and the administrator of a portal."""
Cookies: TypeAlias = tuple[tuple[str, str], ...]
