"""What the console does, the API does: every form of the console has an operation, or a reason why it has none."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from connector.api.frame import OPERATIONS

ELSEWHERE = frozenset({"webhooks", "hubspot_actions", "hubspot_ui", "hubspot_settings"})
"""What the CRM calls, which is no form of the console."""
DONE_BY: Mapping[str, tuple[str, ...]] = {
    "access.end_leave": ("end_leave",),
    "access.end_manager": ("end_manager",),
    "access.give_leave": ("give_leave",),
    "access.make_manager": ("make_manager",),
    "access.revoke": ("revoke_key",),
    "cleanup.begin": ("start_run",),
    "cleanup.move": ("pause_run", "resume_run", "cancel_run", "apply_run", "undo_run"),
    "console.disconnect": ("disconnect",),
    "console.probe": ("probe_events",),
    "console.retry": ("retry_parked",),
    "console.set_up_again": ("set_up_again",),
    "console.work_again": ("begin_again",),
    "decisions.retry": ("retry_decision",),
    "decisions.search": ("search_decisions",),
    "decisions.take_back": ("undo_decision",),
    "duplicates.accept_sure": ("accept_sure_duplicates",),
    "duplicates.answer": ("answer_duplicate",),
    "duplicates.undo": ("undo_duplicate",),
    "mapping.save": ("change_fields",),
    "matching.change": ("change_matching", "draft_matching"),
    "mine.pause": ("pause_person",),
    "mine.plan": ("plan_absence",),
    "mine.reject": ("reject_lead",),
    "mine.resume": ("resume_person",),
    "mine.unplan": ("remove_absence",),
    "pools.plan": ("plan_absence",),
    "pools.set_pause": ("pause_person", "resume_person"),
    "pools.unplan": ("remove_absence",),
    "preview.look": ("preview_lead",),
    "reviews.accept_sure": ("accept_sure_reviews",),
    "reviews.answer": ("answer_review",),
    "reviews.undo": ("undo_review",),
    "rule_editor.check": ("check_rule",),
    "rule_editor.write": ("draft_new_rule", "draft_rule"),
    "rules.change": (
        "move_rule", "copy_rule", "discard_draft", "switch_rule_off", "switch_rule_on", "remove_rule",
    ),
    "rules.publish": ("publish_drafts", "push_rule_text"),
    "rules.roll_back": ("restore_edition",),
    "runs.begin": ("start_run",),
    "runs.move": ("pause_run", "resume_run", "cancel_run", "apply_run", "undo_run"),
    "settings.keep": ("change_settings",),
    "settings.set_languages": ("change_settings",),
    "settings.set_mode": ("set_mode",),
    "settings.set_notifications": ("change_settings",),
    "settings.set_routes": ("change_settings",),
    "simulation.move": ("pause_simulation", "resume_simulation", "cancel_simulation"),
    "simulation.start": ("start_simulation",),
}  # fmt: skip
"""Forms of the console, and the operations that do what they do."""
NOT_DONE: Mapping[str, str] = {
    "access.issue": "A key that could make keys would outlive its own end.",
    "console.first_steps": "It hides a part of a page.",
    "leave.enter": "It is how people of support come in.",
    "oauth.sign_out": "It ends a session; the API has none.",
    "viewer.choose": "It chooses the language and zone of a page.",
}
"""Forms of the console that no operation does, and why."""


def test_every_form_of_the_console_has_an_operation_or_a_reason(app: Flask) -> None:
    forms = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] not in {"api", *ELSEWHERE}
    }
    assert forms == set(DONE_BY) | set(NOT_DONE)


def test_what_does_it_is_there() -> None:
    assert {name for names in DONE_BY.values() for name in names} <= set(OPERATIONS)
    assert not set(DONE_BY) & set(NOT_DONE)


def test_everything_that_changes_something_over_the_api_is_done_by_some_form() -> None:
    looking = {each.id for each in OPERATIONS.values() if each.scope == "read"}
    assert set(OPERATIONS) - looking == {name for names in DONE_BY.values() for name in names} - looking
