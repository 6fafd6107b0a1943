"""One item of the rules in two editors, text and form, over the same text; what is not saved yet goes with the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import forms, rule_checks, rule_choices, rule_edits, rule_forms, rules
from connector.desk.faults import DeskError, NotThere, Overtaken
from connector.desk.forms import AnyForm
from connector.desk.rule_checks import NEW, Checked
from connector.desk.rule_starters import STARTERS
from connector.desk.rules import Entry
from connector.errors import Next
from connector.store.installs import Install
from connector.web import pool_boxes, rule_boxes
from connector.web.access import me, my_install, seen, services, signed_in
from connector.web.language import said
from connector.web.rules import UNFIT, words_of
from rules.faults import RuleFault
from rules.target_reading import KINDS, NAMED

rule_editor = Blueprint("rule_editor", __name__, url_prefix="/installs/<install_id>/rules/edit")

TO_TEXT = ("text", "text-anyway")
"""The buttons that show the text instead of the form."""
LONGEST_FORM = 512 * 1024
"""Bytes that an editor may send: a record has 60,000 characters, of which each may need nine bytes in a form."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an editor shows: the item (None: a new one), its text, the form if it has one, and what was found.

    `is_unsaved` says whether it holds what is saved nowhere, `leaves_out` that not all of the form can become text.
    """

    record: str
    entry: Entry | None
    text: str
    form: AnyForm | None
    checked: Checked
    as_form: bool
    is_unsaved: bool = False
    leaves_out: bool = False
    trouble: str = ""
    theirs: str = ""


@rule_editor.url_value_preprocessor
def room(_endpoint: str | None, _values: Mapping[str, Any] | None) -> None:
    """Let a long text in; before the token is looked for in the form, which reads it."""
    request.max_content_length = LONGEST_FORM
    request.max_form_memory_size = LONGEST_FORM


@rule_editor.get("/new/<kind>")
@signed_in
def new(install_id: str, kind: str) -> ResponseReturnValue:
    """Begin a new item of a kind."""
    mine = my_install(install_id)
    if kind not in STARTERS:
        abort(404)
    return _page(mine, _desk(mine, NEW, None, STARTERS[kind], as_form=_as_form(kind in forms.KINDS)))


@rule_editor.get("/<record>")
@signed_in
def page(install_id: str, record: str) -> ResponseReturnValue:
    """Show an item in one of the editors; ``as=text`` or ``as=form`` says which."""
    mine = seen(install_id, "rules")
    try:
        entry = rules.entry(services(), mine, record)
    except NotThere as error:
        return _back(mine, said(error))
    except Next as error:
        return _back(mine, words_of(error))
    return _page(mine, _desk(mine, record, entry, entry.text, as_form=_as_form(entry.kind in forms.KINDS)))


@rule_editor.post("/<record>")
@signed_in
def write(install_id: str, record: str) -> ResponseReturnValue:
    """Do what a button says: ``save`` the draft, show the other editor, add or drop a row; nothing else is kept.

    What the text would leave out stays on the form, until ``text-anyway`` says that it may go.
    """
    mine = my_install(install_id)
    do = request.form.get("do", "refresh")
    sent = _sent(do)
    if do == "save":
        return _save(mine, record, sent)
    leaves_out = do == "text" and sent.leaves_out
    if sent.form is not None and (do not in TO_TEXT or leaves_out):
        return _page(mine, replace(_as_sent(mine, record, sent), leaves_out=leaves_out))
    return _page(mine, _desk(mine, record, _known(mine, record), sent.text, as_form=do == "form"))


@rule_editor.post("/<record>/check")
@signed_in
def check(install_id: str, record: str) -> ResponseReturnValue:
    """Say what is wrong with a text as it is written, by line, and what it says."""
    mine = my_install(install_id)
    checked = rule_checks.check(services(), mine, _sent().text, record="" if record == NEW else record)
    return render_template("parts/rule_checked.html", install=mine, checked=checked)


@dataclass(frozen=True, slots=True)
class Sent:
    """What an editor sent: the text under it, the form (None: it was the text editor), and the text that both make."""

    base: str
    form: AnyForm | None
    text: str

    @property
    def leaves_out(self) -> bool:
        """Whether something was typed into the form that the text does not say."""
        return self.form is not None and forms.leaves_out(self.form, self.base)


def _sent(do: str = "") -> Sent:
    base = request.form.get("text", "").replace("\r\n", "\n")
    if request.form.get("editor") != "form":
        return Sent(base, None, base)
    form = _boxes(do)
    try:
        return Sent(base, form, forms.text_of(form, base))
    except RuleFault:
        return Sent(base, form, base)


def _boxes(do: str) -> AnyForm:
    if request.form.get("form") == "pool":
        return pool_boxes.pressed(pool_boxes.form(request.form), do)
    return rule_boxes.pressed(rule_boxes.form(request.form), do)


def _save(mine: Install, record: str, sent: Sent) -> ResponseReturnValue:
    known, seen_as = "" if record == NEW else record, request.form.get("seen", "")
    try:
        saved = rule_edits.save(services(), mine, sent.text, record=known, seen=seen_as, by=me().user_id)
    except NotThere as error:
        return _back(mine, said(error))
    except (DeskError, Next) as error:
        desk = _as_sent(mine, record, sent)
        sentence = said(error) if isinstance(error, DeskError) else words_of(error)
        theirs = desk.entry.text if desk.entry and isinstance(error, Overtaken) else ""
        return _page(mine, replace(desk, trouble=sentence, theirs=theirs)), UNFIT
    flash(_("Saved as a draft. It is in force when the drafts are published."), "saved")
    address = url_for("rule_editor.page", install_id=mine.id, record=saved)
    return redirect(f"{address}?as={'text' if sent.form is None else 'form'}", 303)


def _as_sent(mine: Install, record: str, sent: Sent) -> Desk:
    """Return the editor as it was sent: boxes that say nothing yet, or something wrong, stay as they are."""
    checked = rule_checks.check(services(), mine, sent.text, record="" if record == NEW else record)
    entry = _known(mine, record)
    form = sent.form or forms.form_of(sent.text)
    unsaved = sent.leaves_out or _is_unsaved(entry, sent.text)
    return Desk(record, entry, sent.base, form, checked, as_form=sent.form is not None, is_unsaved=unsaved)


def _desk(mine: Install, record: str, entry: Entry | None, text: str, *, as_form: bool) -> Desk:
    checked = rule_checks.check(services(), mine, text, record="" if record == NEW else record)
    form = forms.form_of(text)
    unsaved = _is_unsaved(entry, text)
    return Desk(record, entry, text, form, checked, as_form=as_form and form is not None, is_unsaved=unsaved)


def _is_unsaved(entry: Entry | None, text: str) -> bool:
    saved = [entry.text] if entry else STARTERS.values()
    return text.strip() not in {each.strip() for each in saved}


def _page(mine: Install, desk: Desk) -> str:
    return render_template(
        "rule_editor.html",
        install=mine,
        desk=desk,
        choices=rule_choices.choices(services(), mine),
        operators_of=rule_forms.operators_of,
        targets=KINDS,
        named=NAMED,
        zones=rule_choices.zones(),
        has_form=desk.checked.kind in forms.KINDS,
    )


def _known(mine: Install, record: str) -> Entry | None:
    """Return the item as it is now; None for a new one, and where the CRM does not say."""
    if record == NEW:
        return None
    try:
        return rules.entry(services(), mine, record)
    except (NotThere, Next):
        return None


def _as_form(usual: bool) -> bool:  # noqa: FBT001 - what there is without a choice
    chosen = request.args.get("as", "")
    return chosen == "form" if chosen else usual


def _back(mine: Install, sentence: str) -> ResponseReturnValue:
    flash(sentence, "bad")
    return redirect(url_for("rules.listing", install_id=mine.id), 303)
