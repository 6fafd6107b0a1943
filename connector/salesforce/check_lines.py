"""How the lines of the permission check are worded: what is missing, what does not work without it, where to click."""

from __future__ import annotations

from collections.abc import Iterable

from connector.rows import Check

PERMISSION_SETS = "Setup > Users > Permission Sets > (a permission set of your own, assigned to the connected user)"
INTEGRATION_REMEDY = (
    "Setup > Users > Users > (the connected user) > Permission Set Assignments > Edit Assignments > "
    "add Switchyard Integration > Save"
)
INSTALL_REMEDY = (
    "Setup > Apps > Packaging > Installed Packages: install Switchyard for admins only; then "
    "Setup > Users > Users > (the connected user) > Permission Set Assignments > Edit Assignments > "
    "add Switchyard Integration > Save"
)
UPDATE_REMEDY = "Setup > Apps > Packaging > Installed Packages > Switchyard: install its newest version"
UNTOLD = "cannot be told without View Setup and Configuration"


def setting(label: str, right: str) -> str:
    """Return the click path to a right on an object; `label` is the object's in the plural."""
    return f"{PERMISSION_SETS} > Object Settings > {label} > Edit > tick {right} > Save"


def fields_setting(label: str, names: Iterable[str], right: str = "Read Access") -> str:
    """Return the click path to the fields of an object."""
    return f"{PERMISSION_SETS} > Object Settings > {label} > Edit > tick {right} of {listed(names)} > Save"


def system(right: str) -> str:
    """Return the click path to a user permission."""
    return f"{PERMISSION_SETS} > System Permissions > Edit > tick {right} > Save"


def listed(names: Iterable[str]) -> str:
    """Return names in order, with commas."""
    return ", ".join(sorted(names))


def line(name: str, have: bool | None, *, there: str, missing: str, without: str, remedy: str) -> Check:  # noqa: FBT001
    """Return the line of a need; `have` is None when nobody can tell."""
    if have:
        return Check(name, ok=True, detail=there, without=without)
    detail = missing if have is not None else UNTOLD
    return Check(name, ok=False, detail=detail, remedy=remedy, without=without)


def option(name: str, have: bool | None, *, there: str, missing: str, without: str, remedy: str) -> Check:  # noqa: FBT001
    """Return the line of something that the product also does without."""
    found = line(f"{name} (optional)", have, there=there, missing=missing, without=without, remedy=remedy)
    return Check(found.name, found.ok, found.detail, found.remedy, found.without, optional=True)
