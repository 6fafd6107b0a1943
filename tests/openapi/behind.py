"""Run a program of ours with the proxy between the product and the local HubSpot, and write down what it found.

``python -m tests.openapi.behind <documents> <report> tests.demo --once``: `documents` is the folder of amended.json and
published.json, `report` the file that is written, the rest a module with its arguments, run as ``python -m`` would.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

from tests.local import world
from tests.local.world import World
from tests.openapi.proxy import Proxy, Report, begin


class WorldBehind(World):
    """A world whose product speaks to HubSpot through a proxy; people and control planes do not."""

    proxy: Proxy

    def variables(self, data_dir: Path, **more: str) -> dict[str, str]:
        """Return the product's settings with the proxy as HubSpot's API."""
        return super().variables(data_dir, **more) | {"HUBSPOT_API_URL": self.proxy.url}


def beginner(documents: Path, started: list[Proxy]) -> Callable[..., World]:
    """Return what begins a world with a proxy of the documents in it, and adds the proxy to `started`."""
    plain = world.begin

    def begin_behind(directory: Path, *, port: int = 0) -> World:
        found = plain(directory, port=port)
        try:
            proxy = begin(documents, found.hubspot.ready["url"])
        except LookupError:
            found.stop()
            raise
        started.append(proxy)
        made = WorldBehind(found.directory, found.port, found.salesforce, found.hubspot)
        made.proxy = proxy
        return made

    return begin_behind


def main(documents: Path, report: Path, module: str) -> int:
    """Run `module` and write the report; return what the module's exit code is."""
    started: list[Proxy] = []
    # Before the module is imported: it takes the function by name.
    world.begin = beginner(documents, started)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    else:
        code = 0
    finally:
        for proxy in started:
            proxy.stop()
    whole = Report()
    for proxy in started:
        whole.add(proxy.report)
    whole.write(report)
    return code


if __name__ == "__main__":
    given_documents, given_report, given_module = sys.argv[1:4]
    sys.argv = [given_module, *sys.argv[4:]]
    sys.exit(main(Path(given_documents), Path(given_report), given_module))
