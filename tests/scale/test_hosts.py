"""Hosts are made where that is allowed, and nowhere else."""

from __future__ import annotations

import os

import pytest

from tests.scale import hosts
from tests.scale.fleet import roles
from tests.scale.hosts import Host, Network, NoHostsError, alone


def test_without_the_rights_it_stops_and_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(hosts.INSIDE, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NoHostsError, match=r"as root .* Nothing was measured"):
        alone("tests.scale", [])


def test_without_the_tools_it_stops_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(hosts.INSIDE, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoHostsError):
        alone("tests.scale", [])


def test_every_host_that_works_has_workers_and_a_listener_and_two_have_a_clock() -> None:
    made = Network({name: Host(name, f"10.77.0.{10 + place}") for place, name in enumerate(("front", "a", "b"))})
    found = roles(made, 2)
    assert sorted(name for name, (host, _) in found.items() if host.name == "a") == [
        "a: listener",
        "a: worker 1",
        "a: worker 2",
    ]
    assert sorted(host.name for host, role in found.values() if role == "clock") == ["b", "front"]
    assert [host.name for host, role in found.values() if role == "web"] == ["front"]
