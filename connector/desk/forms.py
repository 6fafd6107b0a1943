"""Items of the rules as forms: which there are, and from a text to a form and back."""

from __future__ import annotations

from typing import TypeAlias

from connector.desk import pool_forms, rule_forms
from connector.desk.gaps import Gap
from connector.desk.pool_forms import PoolForm
from connector.desk.rule_forms import Form

AnyForm: TypeAlias = Form | PoolForm

KINDS = (Form.kind, PoolForm.kind)
"""The kinds of items that have a form."""


def form_of(text: str) -> AnyForm | None:
    """Return an item's text as a form; None for other kinds, and for what has faults of its own."""
    return rule_forms.form_of(text) or pool_forms.form_of(text)


def text_of(form: AnyForm, base: str) -> str:
    """Return `base` with what the form says otherwise. Raises RuleFault when `base` is no item."""
    return pool_forms.text_of(form, base) if isinstance(form, PoolForm) else rule_forms.text_of(form, base)


def gaps(form: AnyForm, base: str) -> tuple[Gap, ...]:
    """Return what is half filled in, in the order of the form; `base` is the text under it, as in :func:`text_of`."""
    return tuple(pool_forms.gaps(form) if isinstance(form, PoolForm) else rule_forms.gaps(form, base))
