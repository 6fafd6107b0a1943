"""Street addresses: one spelling for what people write in many, so that two can be compared."""

from __future__ import annotations

import re

from rules.normalizing.folding import cached, fold, latin

__all__ = ["street"]

_TYPES: dict[str, str] = {
    form: one
    for line in """
    street: st str strt streets strasse straat gata gatan gade gate katu ulica ul ulitsa vulytsia vul utca
    street: u sokak sk sokagi
    avenue: av ave aven avenida avda avd avenu aveniu prospekt prosp aleja al aleje bulvar
    boulevard: blvd boul bd bld blv boulv bul bulevar bulevardul bvd
    road: rd rds weg vag vagen vej vei tie droga doroga
    drive: dr drv
    lane: ln
    court: ct
    place: pl plc platz plaza plein plac placa namesti ter piata plads plass torg
    square: sq
    parkway: pkwy pky parkwy
    highway: hwy hiway
    expressway: expy expwy
    terrace: terr
    circle: cir
    trail: trl
    turnpike: tpke
    freeway: fwy
    crescent: cres
    rua: r ruas
    rue: rues
    calle: c cl cll calles
    carrera: cra kra kr carr
    carretera: ctra crta
    rodovia: rod
    travessa: tv trav
    praca: pca pc
    estrada: estr
    via: v
    viale: vle
    corso: cso
    piazza: pza pzza
    chemin: ch chem
    route: rte
    allee: all
    quai: q
    impasse: imp
    faubourg: fbg fg
    caddesi: cad cd caddes
    mahallesi: mah mh mahalle
    jalan: jl jln
    lorong: lrg
    north: n norte nord
    south: s sul sur sud
    east: e este est ost
    west: w oeste ouest
    northeast: ne
    northwest: nw
    southeast: se
    southwest: sw
    saint: sankt sainte
    mount: mt
    fort: ft
    doctor: doutor dott
    professor: prof
    general: gen gral
    first: 1st
    second: 2nd
    third: 3rd
    fourth: 4th
    fifth: 5th
    sixth: 6th
    seventh: 7th
    eighth: 8th
    ninth: 9th
    tenth: 10th
    """.strip().splitlines()
    for one, _, forms in [line.strip().partition(": ")]
    for form in forms.split()
}
_UNIT = re.compile(
    r"(?:\b(?:suite|ste|unit|apt|apartment|apartamento|apto|room|rm|floor|flr|fl|level|lvl|bldg|building|sala|conjunto|conj|cj"
    r"|andar|bloco|bl|piso|planta|puerta|oficina|depto|dpto|etage|stock|kat|daire|lok|lokal|kv|kvartira"
    r"|office|mailstop|p\.?\s?o\.?\s?box|postfach|caixa postal|apartado|boite postale|c/o|attn|interior|local)\b\.?"
    r"\s*(?:#|n[o\xba\xb0.]*)?\s*(?:[a-z]?-?\d+[a-z]?|[a-z]|\d+[-/]\d+)(?=[\s,;.]|$)"
    r"|#\s*[\w-]+|\b\d{1,3}(?:st|nd|rd|th|\xba|\xb0|o|a)?\.? ?(?:floor|fl|andar|piso|etage|og|kat)\b\.?)"
)
_NUMBER_SIGN = re.compile(r"\b(?:nr|no|num|numero|nummer|number|n|d|dom)\b[.\xba\xb0o]*\s*(?=\d+\b)|[\u2116\xba\xb0]")
_COMPOUND = re.compile(r"(?<=[a-z]{3})(?:strasse|strase|str|straat|gatan|gata|gade)\b\.?")
_SIGNS = re.compile(r"[^\w\s]|_")
_HOUSE = re.compile(r"\d+(?:[a-z]\b|[-/]\d+)?")


@cached(1 << 14)
def street(text: str) -> str:
    """Return a street address for comparing: house number first, type of street in one form, unit and suite dropped.

    ``Hauptstr. 5`` and ``5 Hauptstraße`` are both ``5 haupt street``. "" when nothing but a unit is said.
    """
    plain = _NUMBER_SIGN.sub(" ", _UNIT.sub(" ", latin(fold(text)).replace("\xba", "o")))
    parts = _SIGNS.sub(" ", _COMPOUND.sub(" street", _joined_numbers(plain))).split()
    numbers = [part for part in parts if _HOUSE.fullmatch(part)]
    named = [part for part in parts if not _HOUSE.fullmatch(part)]
    if len(named) > 1 and named[0] == "st":
        named[0] = "saint"
    elif len(named) > 1 and _TYPES.get(named[0]) == "street":
        named = [*named[1:], "street"]  # "ulica Długa 5" and "Długa ul. 5"
    named = [_TYPES.get(part, part) for part in named]
    return " ".join((*numbers[:1], *named, *numbers[1:]))


def _joined_numbers(text: str) -> str:
    """Return text with ``12 a`` and ``12-a`` at the end written as ``12a``."""
    return re.sub(r"\b(\d+)[ -]?([a-d])(?=\s*(?:,|$))", r"\1\2", text)
