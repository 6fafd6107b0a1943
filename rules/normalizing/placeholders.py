# ruff: noqa: E501 - a table of words, in their own letters
"""What people write into a company field when they have no company to name.

Compared with a name as :func:`rules.normalize.fold` leaves it, without signs.
"""

from __future__ import annotations

PLACEHOLDERS: frozenset[str] = frozenset(
    text.strip()
    for text in """
    n a | na | none | nil | null | no | no company | no empresa | not applicable | not available | not provided | no aplica | unknown
    undefined | nothing | nada | ninguno | ninguna | nenhum | nenhuma | keine | kein | keine angabe | aucun | aucune | sans | nessuno
    nessuna | geen | ingen | brak | net | нет | tba | tbd | tbc | xx | xxx | xxxx | x | test | tests | testing | test company | test account
    testfirma | teste | prueba | essai | asdf | asdfg | asdfgh | qwerty | abc | abcd | foo | foobar | example | demo | sample | dummy
    self | self employed | selfemployed | self employment | myself | me | my company | my business | own | own business | own company
    owner | independent | independant | freelance | freelancer | freelancing | autonomo | autonoma | autonomous | por cuenta propia
    conta propria | profissional liberal | pessoa fisica | particular | particulier | private | privat | privatperson | private person
    privado | prive | privato | libero professionista | selbstandig | selbststandig | freiberufler | freiberuflich | zzp | eigen bedrijf
    individual | individual investor | personal | person | home | household | family | student | students | estudante | estudiante
    etudiant | studente | schuler | pupil | retired | jubilado | aposentado | rentner | retraite | pensionato | unemployed | desempleado
    desempregado | arbeitslos | sans emploi | job seeker | jobseeker | looking for work | between jobs | homemaker | housewife
    consultant | contractor | company | company name | your company | the company | business | firma | empresa | entreprise | societe
    azienda | unternehmen | bedrijf | organization | organisation | startup | stealth | stealth startup | stealth mode | confidential
    frilans | частное лицо | ип | самозанятый | студент | тест | 无 | 没有 | 个人 | 個人 | なし | 学生 | 自営業 | フリーランス | 없음 | 개인 | 학생
    freelance consultant | independent consultant | private individual | private investor | sin empresa | sem empresa | other | others
    """.replace("\n", "|").split("|")
    if text.strip()
)  # fmt: skip
