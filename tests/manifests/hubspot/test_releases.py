"""An upload only adds: what was deployed cannot be renamed, retyped or removed."""

from __future__ import annotations

from tests.manifests.hubspot.releases import promised, released


def test_nothing_that_was_deployed_is_gone_or_of_another_type() -> None:
    assert released() - promised() == set()


def test_the_list_of_what_was_deployed_names_objects_properties_options_and_subscriptions() -> None:
    kinds = {line.split()[0] for line in released()}
    assert kinds == {"object", "property", "option", "association", "event", "action", "subscription"}
    assert "property routing_audit.decision_key string text unique" in released()
    assert "subscription contact object.creation" in released()


def test_a_subscription_stands_there_once() -> None:
    lines = [line for line in promised() if line.startswith("subscription ")]
    assert len(lines) == len(set(lines)) > 40
