"""What a desk answers when it cannot do as asked: pages show the sentence, the API makes it a problem."""

from __future__ import annotations


class DeskError(Exception):
    """Nothing was changed. `sentence` is the English template with `values` in %(name)s; pages translate it."""

    def __init__(self, sentence: str, *, field: str = "", **values: str | float) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.field, self.values = sentence, field, values


class NotThere(DeskError):  # noqa: N818 - it is what there is not
    """There is no such thing in this install; another install's things are not there either."""


class Unusable(DeskError):  # noqa: N818 - it is what the value is
    """What was given cannot be used; `field` names which of it."""


class Overtaken(DeskError):  # noqa: N818 - it is what happened
    """Somebody else changed it meanwhile; look at it again and repeat."""


def sentence(english: str) -> str:
    """Return a sentence that stands apart from where it is raised: by this it is found and translated."""
    return english
