# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Words that stand in company names without naming the company: legal forms, abbreviations, common words.

All spellings are as :func:`rules.normalize.words` leaves them: folded, without accents, dotted letters joined
("S.A." and "S/A" are ``sa``). A form of several words is removed only as a whole.
"""

from __future__ import annotations

ABBREVIATIONS: dict[str, str] = {
    "intl": "international", "internat": "international", "univ": "university", "mfg": "manufacturing",
    "bros": "brothers", "svcs": "services", "svc": "service", "mgmt": "management", "dept": "department",
    "govt": "government", "natl": "national", "inst": "institute", "hosp": "hospital", "ind": "industries",
    "inds": "industries", "grp": "group", "hldgs": "holdings", "hldg": "holding", "tech": "technology",
    "technologies": "technology", "assn": "association", "assoc": "associates", "dev": "development",
    "cia": "companhia", "cie": "compagnie", "gebr": "gebruder", "und": "and", "et": "and", "og": "and", "och": "and",
    "universidad": "university", "universidade": "university", "universite": "university", "universitat": "university",
    "universita": "university", "universiteit": "university", "universitet": "university",
    "uniwersytet": "university", "univerzita": "university", "centre": "center",
}  # fmt: skip
"""One spelling for words that are written in several ways."""

_LATIN_FORMS = """
inc | incorporated | corp | corporation | co | company | llc | lc | llp | lp | lllp | pllc | pc | pa
ltd | limited | plc
ltd co | co ltd | co inc | company limited | pty | pty ltd | proprietary limited | pte | pte ltd | private limited
pvt ltd | pvt | p ltd | ltd liability co | unlimited | ulc | cic | clg | dac | public limited company | teo | teoranta
gmbh | ggmbh | mbh | ag | kg | kgaa | ohg | gbr | ug | ug haftungsbeschrankt | ev | e v | eg | egmbh | se
ewiv | kgaa co
gmbh and co kg | gmbh and co kgaa | gmbh and co ohg | ag and co kg | ag and co kgaa | se and co kgaa | se and co kg
ug and co kg | and co kg | and co kgaa | and co | und co | e k | ek | einzelunternehmen | gesellschaft mbh
sa | s a | sas | sasu | sarl | sarlu | eurl | sci | scs | snc | scop | scp | selarl | sca | scrl | sprl
asbl | gie | cie | et cie
and cie | societe anonyme | sa nv | nv sa
sl | slu | sau | sll | s l | s l u | sociedad anonima | sociedad limitada | sa de cv | s a de c v
sab de cv | sapi de cv
s de rl de cv | s de rl | srl de cv | sa cv | sac | saa | eirl | srl | spa | sas bic | ltda spa
cia ltda | ca | c a
ltda | limitada | lda | ltda me | ltda epp | me | epp | mei | eireli | eireli me | eireli epp
unipessoal | unipessoal lda
sociedade anonima | s s | ss ltda | sa em recuperacao judicial | sgps | crl | ace
srls | s r l | s p a | sapa | sas di | snc di | ss | scarl | scpa | societa per azioni | societa cooperativa | coop
bv | b v | nv | n v | vof | cv | bvba | cvba | vzw | maatschap | besloten vennootschap
ab | publ | ab publ | hb | kb | ek for | as | a s | asa | ans | da | aps | is | ivs | amba | oy | oyj
oy ab | ry | ky | tmi | ehf | hf | ohf
as oy | osauhing | ou | uab | sia | mb | tuu
sp zoo | sp z oo | sp z o o | spzoo | spolka z oo | spolka akcyjna | sp k | sp j | sp p | spk | s k a | ska | psa
sp z oo sp k | sp z oo sp komandytowa
sro | s r o | spol sro | spol s r o | a s | vos | ks | zs | kft | rt | nyrt | zrt | bt | kkt | ev kft
doo | d o o | dd | d d | ad | ead | eood
ood | et | jdoo | dno | kd | srl d | pfa
ae | epe | ike | oe | ee | a e | e p e | sh p k | shpk | sha
as ltd sti | ltd sti | limited sirketi | anonim sirketi | a s ltd | sti | san ve tic as
san ve tic ltd sti | sanayi ve ticaret as
tic ltd sti | ve ticaret as
ooo | oao | zao | pao | ao | nao | ip | too | tov | pat | prat | chp | odo | tdv | mchj | mmc | ojsc
cjsc | pjsc | jsc | llc jsc
kk | k k | gk | yk | kabushiki kaisha | godo kaisha | yugen kaisha | kaisha | co kk
sdn bhd | bhd | sdn | berhad | pt | tbk | persero | pt tbk | tbk pt | cv | ud | pcl
public company limited | company ltd
jsc | joint stock company | tnhh | cong ty tnhh | cong ty cp | cong ty co phan | mtv | tnhh mtv
yuhan hoesa | chusik hoesa
psc | wll | w l l | fzc | fze | fzco | fz llc | dmcc | saog | saoc | bsc | qsc | kscp | kscc | ksc | sak
sal | saa | sae | spc | est
spz | pma | cc | npc | soc ltd | inc plc
"""
_CYRILLIC_FORMS = """
ооо | оао | зао | пао | ао | нао | ип | тоо | тов | пат | прат | ат | чп | фоп | одо | тдв | гуп | муп
фгуп | нко | ано | еоод
оод | еад | ад | доо | дд | а д | д о о | общество с ограниченнои ответственностью | акционерное общество
общество с ограниченной ответственностью | публичное акционерное общество | закрытое акционерное общество
товариство з обмеженою відповідальністю | акціонерне товариство
"""
_OTHER_SCRIPTS = """
αε | επε | ικε | οε | εε | αεβε | μον επε | מ בעמ | בעמ | ש מ | שמ ם | ם ש ר
ش م م | شمم | ش م ك | شمك | ش م ع | شمع | ش م ل | شمل | ذ م م | ذمم | م م ح | مساهمه عامه
ذات مسووليه محدوده | المحدوده
شركه مساهمه | المساهمه | شركه | الشركه | شركت | سهامی خاص | سهامی عام | จำกัด | จำกัด มหาชน | บริษัท | มหาชน
प्राइवेट लिमिटेड | लिमिटेड | प्रा लि
"""


def _forms(*tables: str) -> frozenset[tuple[str, ...]]:
    lines = "|".join(line for table in tables for line in table.splitlines())
    written = (form.split() for form in lines.split("|") if form.strip())
    return frozenset(tuple(ABBREVIATIONS.get(word, word) for word in form) for form in written)


LEGAL_FORMS: frozenset[tuple[str, ...]] = _forms(_LATIN_FORMS, _CYRILLIC_FORMS, _OTHER_SCRIPTS)
"""Forms that may end a name."""

LEADING_FORMS: frozenset[tuple[str, ...]] = _forms(
    "ooo | oao | zao | pao | ao | ip | too | tov | pt | sarl | eurl | sas | sasu | sa | sci | scs",
    "cong ty tnhh | cong ty cp",
    "cong ty co phan | cong ty tnhh mtv | cong ty | firma | fa | ste | pp hu",
    "phu | uab | sia | ab | as",
    "the | kk | kabushiki kaisha",
    _CYRILLIC_FORMS,
    "شركه | الشركه | شركت | บริษัท",
)
"""Forms that may begin a name ("ООО Ромашка", "PT Telkom", "The Coca-Cola Company")."""

GLUED_FORMS: tuple[str, ...] = (
    "股份有限公司", "有限责任公司", "有限責任公司", "控股有限公司", "集团有限公司", "集團有限公司",
    "有限公司", "股份公司", "分公司",
    "株式会社", "株式會社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人",
    "公益社団法人", "一般財団法人",
    "公益財団法人", "特定非営利活動法人", "学校法人", "医療法人", "(株)", "(有)", "(合)", "(同)",
    "주식회사", "유한회사", "유한책임회사", "(주)", "(유)", "(재)", "(사)",
)  # fmt: skip
"""Forms of scripts that write without spaces, longest first; cut out wherever they stand."""

COMMON_WORDS: frozenset[str] = frozenset(
    """
    and the of for de da do di du des del la le les el los der die das van von group groupe grupo gruppe gruppo holding
    holdings international global worldwide services service solutions solution systems system technology software
    consulting management industries industry enterprises enterprise partners associates company companies capital
    investments investment ventures network media digital trading logistics engineering manufacturing products
    university college school institute hospital center center foundation association department national american
    europe america bank insurance financial health healthcare energy power construction design studio labs lab
    """.split()  # noqa: SIM905
)
"""Words so common in names that they find too many accounts: no blocking keys are made from them alone."""
