"""Names that many people have: to share one says less."""

from __future__ import annotations

__all__ = ["COMMON"]

_FAMILY = """
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson
thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young
allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts
evans hughes edwards murphy kelly khan patel singh kumar sharma gupta ali ahmed hussain shah das devi yadav reddy
silva santos oliveira souza sousa rodrigues ferreira alves pereira lima gomes costa ribeiro martins carvalho almeida
lopes soares fernandes vieira barbosa rocha dias nascimento andrade moreira nunes marques machado mendes freitas
cardoso ramos goncalves santana teixeira araujo
gonzales fernandez gomez diaz vazquez moreno jimenez ruiz alvarez romero ortiz castro gutierrez munoz rojas morales
muller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schafer koch bauer richter klein wolf
schroder neumann schwarz zimmermann braun kruger hofmann hartmann lange werner krause meier
dubois durand leroy moreau simon laurent lefebvre michel bertrand roux fournier petit bernard robert richard
rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti
ivanov smirnov kuznetsov popov vasilev petrov sokolov mikhailov novikov fedorov morozov volkov ivanova smirnova
kuznetsova popova petrova sokolova
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin kim park choi jung kang cho yoon jang lim
sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki
nowak kowalski wisniewski de jong jansen de vries bakker visser van den berg
mohamed hassan ibrahim mahmoud hussein abdullah rahman omar yilmaz kaya demir
"""
_GIVEN = """
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark paul
steven andrew kenneth george kevin brian edward mary patricia jennifer linda elizabeth barbara susan jessica sarah
karen lisa nancy betty sandra ashley emily anna laura emma maria jose joao antonio francisco carlos paulo pedro lucas
luiz luis marcos gabriel rafael ana juliana marcia fernanda adriana aline camila bruna juan manuel javier miguel jorge
alejandro carmen isabel dolores pilar lucia peter wolfgang klaus jurgen andreas stefan hans thomas christian sabine
monika petra julia katharina jean pierre michel philippe alain nicolas marie nathalie isabelle sophie giuseppe giovanni
marco andrea francesca alexander alexey sergey dmitry andrey mikhail ivan vladimir elena olga natalia tatiana irina
anastasia mohamed mohammed ahmed ali omar hassan fatima wei ming hiroshi takashi yuki rahul amit raj priya
"""
COMMON: frozenset[str] = frozenset([*_FAMILY.split(), *_GIVEN.split()])
"""Words of names, in lower-case Latin letters, that one in a few hundred people of a country has."""
