"""A fresh sandbox for each test, and clients that are connected to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from .clients import Subscriber, salesforce, subscriber
from .server import Sandbox, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def stopper() -> Iterator[ThreadPoolExecutor]:
    """Stops sandboxes beside the next tests: the HTTP server takes half a second to notice."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def sandbox(tmp_path: Path, stopper: ThreadPoolExecutor) -> Iterator[Sandbox]:
    """A running sandbox in a directory of its own."""
    running = start(tmp_path / "salesforce")
    yield running
    stopper.submit(running.stop)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, stopper: ThreadPoolExecutor) -> Iterator[Sandbox]:
    """One sandbox for a module's tests that leave nothing behind which another could trip over."""
    running = start(tmp_path_factory.mktemp("shared"))
    yield running
    stopper.submit(running.stop)


@pytest.fixture(scope="module")
def shared_sf(shared: Sandbox) -> Any:
    """A client connected to the shared sandbox."""
    return salesforce(shared)


@pytest.fixture
def sf(sandbox: Sandbox) -> Any:
    """A client connected as the integration user."""
    return salesforce(sandbox)


@pytest.fixture
def listen(sandbox: Sandbox, sf: Any) -> Iterator[Callable[[], Subscriber]]:
    """Makes subscribers with the client's token, and closes them in the end."""
    made: list[Subscriber] = []

    def make() -> Subscriber:
        made.append(subscriber(sandbox, sf))
        return made[-1]

    yield make
    for item in made:
        item.close()
