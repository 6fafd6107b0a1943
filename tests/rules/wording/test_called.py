"""Fields and countries are called what people call them, in each language."""

from __future__ import annotations

import pytest

from rules.fields import CANONICAL
from rules.wording import catalogue
from rules.wording.called import country, country_said, field_label, field_word
from rules.wording.said import Said
from rules.wording.said_again import said_again


@pytest.mark.parametrize(
    ("language", "name", "label"),
    [("en", "Germany", "account employees"), ("de", "Deutschland", "Mitarbeiterzahl (Account)"),
     ("fr", "Allemagne", "nombre d'employés (compte)"), ("es", "Alemania", "número de empleados (cuenta)"),
     ("pt_BR", "Alemanha", "número de funcionários (conta)")],
)  # fmt: skip
def test_a_country_and_a_field_have_a_name_in_each_language(language: str, name: str, label: str) -> None:
    with catalogue.speaking(language):
        assert (country("DE"), country_said("Allemagne"), field_label("account.employees")) == (name, name, label)


def test_what_is_no_country_and_what_is_the_crms_own_stays() -> None:
    with catalogue.speaking("de"):
        assert (country("XX"), country_said("Atlantis"), field_label("lead.Tier__c")) == ("XX", "Atlantis", "Tier__c")
        assert field_word("hs_lead_status") == ""


def test_a_country_is_said_again_in_another_language() -> None:
    told = country("ES")
    assert isinstance(told, Said)
    with catalogue.speaking("fr"):
        assert said_again(told) == "Espagne"


def test_every_name_that_rules_know_is_translated() -> None:
    names = {name for known in CANONICAL.values() for name in known}
    with catalogue.speaking("es"):
        assert all(field_word(name) for name in names)
        assert field_word("country") == "país"
