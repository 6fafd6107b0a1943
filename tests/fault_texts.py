"""What faults of rules say, collected from where they are made, and the catalogues that translate it.

Faults are made in English at some 400 places, each in the words that fit there. Their texts are templates here: what
an f-string puts in is a place. One is known by a mark of its English, whatever its places are called.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache

from tests.code_texts import PASSED, ROOT, Code, Module, Place, Scope, Text, bare, called, defaults, own, params

_MAKES = re.compile(r"from rules\.faults import .*Fault\b")
_FIELDS = {"RuleFault": ("message",), "Fault": ("record", "line", "column", "message", "remedy")}
_MAKERS = ("RuleFault", "Fault", "fault", "_fault")
_SAYING = ("message", "remedy", "why", "otherwise")
"""What parameters are called through which functions are told what a fault says."""
_SUBJECT = re.compile(r"[A-Z][a-z]*('s)?( [a-z'-]+)+|[A-Z][a-z]+|[a-z]+( [a-z]+){3,}")
"""What stands in a place and is English, as "The rule's name": rule words stand there as they are written, small."""


@cache
def collected() -> dict[str, str]:
    """Return all English templates by id, those of sentences and those of what stands in their places."""
    code = _code()
    found: dict[str, str] = {}
    for text in sorted(map(template_of, _said(code))):
        found.setdefault(id_of(text), text)
    return dict(sorted(found.items(), key=lambda each: each[1]))


@cache
def _code() -> Code:
    """Read where faults are made, and all of rules/, from where their texts come."""
    others = (path for folder in ("connector", "jobs") for path in (ROOT / folder).rglob("*.py"))
    makers = (path for path in others if _MAKES.search(path.read_text("utf-8")))
    return Code(sorted([*(ROOT / "rules").rglob("*.py"), *makers]))


def unfollowed() -> list[str]:
    """Return where a fault is made of which neither words are known, nor whose words it passes on."""
    code = _code()
    calls = [each for name in _MAKERS for each in code.calls.get(name, ())]
    return [
        f"{scope.module.path.relative_to(ROOT)}:{call.lineno}" for call, scope in calls if not _told(code, call, scope)
    ]


def _told(code: Code, call: ast.Call, scope: Scope) -> bool:
    here = scope.module.functions.get(called(call), ()) if isinstance(call.func, ast.Name) else ()
    if here and not any("message" in params(function) for function in here):
        return True  # it makes something of a fault, and no fault
    ways = [[bare(text) for text in texts] for texts in _arguments(code, call, "message", scope)]
    return any(
        all(not each or each == PASSED or (each.param or ("", ""))[1] in _SAYING for each in way) for way in ways
    )


def id_of(template: str, family: str = "fault") -> str:
    """Return the id of an English template of a family."""
    plain = re.sub(r"(?<!\{)((?:\{\{)*)\{\w+\}", r"\1{}", template)
    return f"{family}.{hashlib.sha256(plain.encode()).hexdigest()[:10]}"


def template_of(text: Text) -> str:
    """Write a text as a template: names of places are made different, and two places side by side are one."""
    made, names = "", set[str]()
    last: object = ""
    for part in text:
        if isinstance(part, str):
            made += part.replace("{", "{{").replace("}", "}}")
        elif not isinstance(last, Place):
            name = plain = part.name.strip("_").lower()
            count = 1
            while name in names:
                count += 1
                name = f"{plain}{count}"
            names.add(name)
            made += f"{{{name}}}"
        last = part if part != "" else last
    return made


def _said(code: Code) -> set[Text]:
    """Return all that faults say, and what stands in places of that."""
    ahead = [("RuleFault", "message"), ("RuleFault", "remedy"), ("Fault", "message"), ("Fault", "remedy")]
    asked, said, subjects = set(ahead), set[Text](), set[tuple[str, str]]()
    while ahead:
        for text in _given(code, *ahead.pop()):
            place = bare(text)
            if place is None:
                subjects |= {part.param for part in text if isinstance(part, Place) and part.param and part != PASSED}
                if re.search("[A-Za-z]{2}", own(text)):
                    said.add(text)
            elif place.param and place.param not in asked and place.param[1] in _SAYING:
                asked.add(place.param)
                ahead.append(place.param)
    return said | set(_subjects(code, subjects)) | set(_where(code))


def _where(code: Code) -> list[Text]:
    """Return how a fault that is kept as text says where it is."""
    module = code.modules[ROOT / "rules" / "faults.py"]
    return code.texts(ast.Name("where"), Scope(module, tuple(module.functions["__str__"])))


def _subjects(code: Code, wanted: set[tuple[str, str]]) -> Iterator[Text]:
    """Yield the English that stands in places which are parameters."""
    asked = set(wanted)
    ahead = sorted(wanted)
    while ahead:
        for text in _given(code, *ahead.pop()):
            place = bare(text)
            if place and place.param and place.param not in asked:
                asked.add(place.param)
                ahead.append(place.param)
            if all(isinstance(part, str) for part in text) and _SUBJECT.fullmatch(own(text)):
                yield (own(text),)


def _given(code: Code, name: str, param: str) -> Iterator[Text]:
    """Yield what a parameter of all functions of a name is given, at each place where one is called."""
    for call, scope in code.calls.get(name, ()):
        for value in _arguments(code, call, param, scope):
            yield from value
    if name not in _FIELDS:
        for module in code.modules.values():
            for function in module.functions.get(name, ()):
                if usual := defaults(function).get(param):
                    yield from code.texts(usual, Scope(module))


def _arguments(code: Code, call: ast.Call, param: str, scope: Scope) -> Iterator[list[Text]]:
    """Yield what a call gives for a parameter; which function of a name is called is not known, so any may be."""
    yield from (code.texts(each.value, scope) for each in call.keywords if each.arg == param)
    for names in _parameters(code, called(call)):
        if param not in names:
            continue
        at = names.index(param)
        star = next((index for index, each in enumerate(call.args) if isinstance(each, ast.Starred)), len(call.args))
        if at < star and at < len(call.args):
            yield code.texts(call.args[at], scope)
        elif star < len(call.args) - 1:  # Fault(*at, message, remedy)
            behind = call.args[star + 1 :]
            turn = at - names.index("message") if "message" in names else len(behind)
            if 0 <= turn < len(behind):
                yield code.texts(behind[turn], scope)
        elif star < len(call.args) and isinstance(last := call.args[star], ast.Starred):
            for values, there in code.tuples(last.value, scope):
                if at - star < len(values):
                    yield code.texts(values[at - star], there)


def _parameters(code: Code, name: str) -> list[list[str]]:
    if name in _FIELDS:
        return [list(_FIELDS[name])]
    known: list[Module] = list(code.modules.values())
    return [params(function) for module in known for function in module.functions.get(name, ())]
