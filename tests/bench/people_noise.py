# ruff: noqa: E501 - tables of rates
"""How often what happens to records of people, where they are scored and where the model is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Noise:
    """How often what happens (0 to 1). The defaults are those of the people that are scored."""

    more: tuple[int, ...] = (45, 37, 12, 6)
    """Weights of having one record, two, three, four."""
    relatives: float = 0.03
    namesakes: float = 0.015
    namesakes_here: float = 0.0001
    sons: float = 0.0003
    shared_mailbox: float = 0.0005
    role_mailbox: float = 0.05
    private_mail: float = 0.22
    tag: float = 0.04
    host: float = 0.03
    mail_slip: float = 0.012
    moved: float = 0.10
    married: float = 0.04
    short: float = 0.13
    slip: float = 0.035
    turned: float = 0.02
    initial: float = 0.035
    no_given: float = 0.03
    no_name: float = 0.02
    whole_name: float = 0.06
    plain: float = 0.45
    respelt: float = 0.5
    part: float = 0.25
    upper: float = 0.07
    switchboard: float = 0.35
    phone_slip: float = 0.01
    other_title: float = 0.3
    other_city: float = 0.06
    company_slip: float = 0.02
    only_mail: float = 0.03
    missing: tuple[tuple[str, float], ...] = (
        ("email", 0.13), ("phone", 0.35), ("mobile", 0.55), ("linkedin", 0.72), ("company", 0.13), ("title", 0.35),
        ("city", 0.4), ("country", 0.25), ("website", 0.75),
    )  # fmt: skip


TRAINING = (
    Noise(
        more=(50, 30, 14, 6), relatives=0.05, namesakes=0.03, namesakes_here=0.0002, sons=0.0005, shared_mailbox=0.0007,
        role_mailbox=0.09, private_mail=0.3, tag=0.02, host=0.06, mail_slip=0.02, moved=0.16, married=0.06, short=0.2,
        slip=0.05, turned=0.035, initial=0.06, no_given=0.05, no_name=0.04, whole_name=0.1, plain=0.6, switchboard=0.45,
        phone_slip=0.02, other_city=0.1, company_slip=0.04, only_mail=0.05,
        missing=(("email", 0.2), ("phone", 0.45), ("mobile", 0.6), ("linkedin", 0.8), ("company", 0.2), ("title", 0.45),
                 ("city", 0.5), ("country", 0.35), ("website", 0.8)),
    ),
    Noise(
        more=(60, 28, 9, 3), relatives=0.04, namesakes=0.02, namesakes_here=0.0001, sons=0.0003, shared_mailbox=0.0003, role_mailbox=0.03,
        private_mail=0.15, moved=0.06, married=0.03, short=0.08, slip=0.02, plain=0.3, switchboard=0.25,
        missing=(("email", 0.08), ("phone", 0.25), ("mobile", 0.5), ("linkedin", 0.6), ("company", 0.08), ("title", 0.25),
                 ("city", 0.3), ("country", 0.2), ("website", 0.7)),
    ),
)  # fmt: skip
"""The model is trained on other people, with more and with less noise than those that are scored."""
