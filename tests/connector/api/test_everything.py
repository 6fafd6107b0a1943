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
    "decisions.forget": ("forget_person",),
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
    "runs.reject": ("reject_suggestion",),
    "runs.undo": ("undo_suggestion",),
    "runs.move": ("pause_run", "resume_run", "cancel_run", "apply_run", "undo_run"),
    "settings.keep": ("change_settings",),
    "settings.keep_snapshots": ("change_settings",),
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


TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "access.listing": ("list_keys", "list_leaves", "list_roles"),
    "changes.listing": ("list_changes",),
    "cleanup.export": ("export_run",),
    "cleanup.listing": ("estimate_runs", "get_run", "list_runs"),
    "console.check": ("check_permissions",),
    "console.install": ("get_budget", "get_install", "list_decisions"),
    "console.today": ("get_install", "list_decisions"),
    "console.work": ("get_install",),
    "decisions.held": ("export_person",),
    "decisions.lead": ("get_lead",),
    "decisions.listing": ("list_decisions",),
    "decisions.look_back": ("preview_undo",),
    "decisions.story": ("get_decision", "get_lead"),
    "duplicates.listing": ("list_duplicates",),
    "duplicates.pair": ("get_duplicate",),
    "duplicates.sure": ("list_sure_duplicates",),
    "mapping.listing": ("get_fields",),
    "matching.page": ("get_matching",),
    "mine.page": ("get_person", "list_absences", "list_pools", "search_decisions"),
    "pools.listing": ("list_pools",),
    "pools.people": ("list_people",),
    "pools.person": ("get_person", "list_absences", "list_pools"),
    "reports.fairness": ("list_pools",),
    "reports.page": ("get_budget", "get_report"),
    "reports.sheet": ("export_report",),
    "reviews.listing": ("get_review", "list_reviews"),
    "reviews.sure": ("list_sure_reviews",),
    "rule_editor.page": ("get_rule",),
    "rules.edition": ("compare_editions", "get_edition"),
    "rules.history": ("list_editions",),
    "rules.listing": ("get_rule_text", "lint_rules", "list_rules"),
    "rules.review": ("compare_rules", "review_drafts", "validate_rules"),
    "rules.tests": ("run_draft_tests", "run_rule_tests"),
    "runs.contacts": ("list_suggestions",),
    "runs.listing": ("estimate_runs", "list_runs"),
    "settings.page": ("get_settings",),
    "simulation.export": ("export_moved_leads", "get_comparison"),
    "simulation.listing": ("list_simulations",),
    "simulation.show": ("get_comparison", "get_simulation", "list_moved_leads"),
    "support.page": ("get_forgetting", "get_health"),
}
"""Pages of the console, and the operations that tell what stands there."""
NOT_TOLD: Mapping[str, str] = {
    "access.ask_revoke": "It asks before something is done.",
    "console.disconnect": "It asks before something is done.",
    "console.home": "It lists the installs of a person; a key has one.",
    "console.own_domain": "It is how an org is connected, in a browser.",
    "decisions.ask_forget": "It asks before something is done.",
    "leave.form": "It is how people of support come in.",
    "oauth.callback": "It is how an org or portal is connected, in a browser.",
    "oauth.start": "It is how an org or portal is connected, in a browser.",
    "preview.page": "It is an empty form.",
    "rule_editor.new": "It is an empty form.",
    "rules.ask": "It asks before something is done.",
    "static": "It is how pages look.",
    "viewer.choices": "It chooses the language and zone of a page.",
}
"""Pages of the console that no operation tells, and why."""
FOR_MACHINES = frozenset({"health", "metrics"})
"""What monitoring calls, which is no page of the console."""


def test_every_page_of_the_console_has_an_operation_that_tells_it_or_a_reason(app: Flask) -> None:
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] not in {"api", *ELSEWHERE, *FOR_MACHINES}
    }
    assert pages == set(TOLD_BY) | set(NOT_TOLD)
    assert not set(TOLD_BY) & set(NOT_TOLD)


def test_everything_that_the_api_tells_stands_on_some_page_or_is_done_there() -> None:
    looking = {each.id for each in OPERATIONS.values() if each.scope == "read" or not each.changes}
    told = {name for known in (TOLD_BY, DONE_BY) for names in known.values() for name in names}
    assert looking == told & looking


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
    looking = {each.id for each in OPERATIONS.values() if each.scope == "read" or not each.changes}
    assert set(OPERATIONS) - looking == {name for names in DONE_BY.values() for name in names} - looking
