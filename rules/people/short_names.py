"""Given names and what people are called instead: English ones from the package ``nicknames``, others from here."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from nicknames import NickNamer

__all__ = ["roots"]

_OTHERS = """
alexander: alex alexandre alejandro alessandro aleksandr alexandr aleksander sasha sascha alik xande ale
alexandra: alex alexandra alejandra alessandra aleksandra sasha sandra ale
alexei: aleksei alexey alyosha lyosha
anastasia: anastasiia nastya nastia
andreas: andres andre andrea andrzej andrei andrey andy
anna: ana anne hannah anya ania anja anita ann
anton: antonio antoine antoni toni tonio toninho tonho tony anthony antony
barbara: basia barb babs
benedikt: beni ben bene
bernardo: bernard bernhard bernd benni
catherine: katherine catarina catalina katarina katarzyna kasia ekaterina yekaterina katya katia kathrin kat kathe
charlotte: lotte charly lotta
christian: cristian chris christiano cristiano kristian
christopher: christoph christophe cristobal chris stoffel
christina: cristina kristina tina kris chris
daniel: dani dan danny danilo danya
dmitri: dmitry dmitriy dima mitya
dolores: lola
eduardo: edu edward eddie dudu duda lalo edouard ed
elena: helena helene elene lena yelena ellen
elisabeth: elizabeth isabel elisabetta lisa liz betty lisbeth elsbeth sissi elise bel
emanuel: manuel manu manolo emmanuel
evgeny: evgeniy yevgeny eugen eugene zhenya
fernanda: fer nanda fernandinha
fernando: fer nando nano ferdinand
francisco: francis franz frank francois francesco paco pancho kiko chico fran franciszek frans franzi
franziska: franzi francisca francesca francoise
friedrich: fritz fred frederik frederic frederico federico fede
gabriel: gabi gabo biel gabe
georg: george jorge giorgio georges jorg juergen jurgen yuri yury yuriy jerzy jurek
giovanni: gianni john juan johannes hans
giuseppe: beppe peppe pino joseph
gregor: gregory gregorio grigory grisha greg grzegorz
guadalupe: lupe lupita
guilherme: gui guillermo guillaume wilhelm willi william memo
heinrich: heinz henry henri enrique henrique heiner quique enrico
ignacio: nacho ignatius
ivan: vanya vania john
jan: johann johannes hans john janek jens
jakob: jacob jacques james jaime santiago tiago iago jaap
javier: xavier javi xavi
jesus: chucho chuy
joao: john johannes juan jean joaozinho jota
joaquim: joachim joaquin quim jochen achim
jose: pepe ze zeca josef joseph giuseppe joe zezinho jozef
johannes: hans johann john hannes
karl: carl carlos charles carlo karol carlitos charlie kalle
karin: katharina karina carina
konstantin: kostya costa constantin
larissa: larisa lara lari
laurent: lorenz lorenzo lourenco lars laurence
leonardo: leo leonard leonhard leon
lucas: luca lukas luke luc lukasz
ludwig: luis luiz louis lutz luisinho luigi lewis
luisa: luise louise luiza lou
manuela: manu
margarete: margarita margaret margarida gretchen grete greta rita meg margot malgorzata gosia margherita
maria: marie mary mariya mariia maria masha marusia marysia mia
maria jose: majo
mario: marius
martin: martim marty
mathilde: matilde tilda matilda
matthias: mateo mateus matthew mathieu matteo matt teo mateusz matias
maximilian: max maxi massimiliano maximiliano
michael: michel miguel michele mikhail mihail misha michal mike michi mischa micha mikel
mohammed: muhammad mohamed mohamad muhammed mohammad mehmet mo med moh
montserrat: montse
natalia: natalya nataliya natasha natalie nati nathalie
nikolai: nikolay nikolaus nicolas nicholas nick klaus niklas kolya nico nicolau mikolaj
oksana: xenia ksenia xana
olga: olya helga
patricia: patrizia paty pati tricia pat patty
paul: pablo paulo paolo pavel pasha paulinho pawel
paula: paola pauline paulina pavla
peter: pedro pietro pierre pyotr petr petya piotr pete piet pedrinho
philipp: philip felipe filipe filippo philippe phil pip fil
pilar: pili
rafael: raphael rafa raffaele raf
ricardo: richard riccardo rick rico rich
roberto: robert beto rob bob robbie robertinho berto
rodrigo: rodri digo
rosario: charo
sebastian: sebastiao sebastien basti seba bastian tiao sebastiano
sergio: sergey sergei serge seryozha serginho
sofia: sophia sophie zofia sonia sonya zosia
stefan: stephen steven stephan esteban estevao etienne stefano steve
susanne: susana suzana susan susi sanna zuzanna
svetlana: sveta lana
tatiana: tatyana tanya tania tati
teresa: theresa therese tere teresinha resi
theodor: fyodor fedor teodoro theo ted
thomas: tomas tom tommaso tomasz tommy thom
tobias: tobi
ulrich: uli ulli
valentina: vale valya tina
vladimir: vova volodya wladimir volodymyr wolodymyr
vyacheslav: slava viacheslav
walter: walther gualter wally
wolfgang: wolf wolfi
yosef: yusuf youssef yousef joseph josef yossi
yulia: julia juliya yuliya iuliia julie giulia julka jule
"""


def _gathered() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in _OTHERS.split("\n"):
        root, colon, short = line.partition(":")
        for each in short.split() if colon else ():
            found[each].add(root)
    return {name: frozenset(known) for name, known in found.items()}


_ROOTS = _gathered()
_ENGLISH = NickNamer()


@lru_cache(maxsize=1 << 14)
def roots(name: str) -> frozenset[str]:
    """Return the names that a given name, in lower-case Latin letters, may stand for, with itself.

    Source of English short forms: https://github.com/carltonnorthern/nicknames (Apache-2.0).
    """
    return frozenset({name, *_ENGLISH.canonicals_of(name), *_ROOTS.get(name, ())})
