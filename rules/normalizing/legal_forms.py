# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Words that stand in company names without naming the company: the legal forms of the world.

All spellings are as :func:`rules.normalize.words` leaves them: folded, without accents, dotted letters joined
("S.A." and "S/A" are ``sa``), in their own language. A form of several words is removed only as a whole. ``and`` in
a form stands for the word in any language.
"""

from __future__ import annotations

from rules.normalizing.folding import fold

_LATIN_FORMS = """
inc | incorporated | corp | corporation | co | company | llc | lc | llp | lp | lllp | pllc | pc | pa | co llc
inc llc
ltd | limited | plc | unltd | ultd | chartered | chtd | limited liability company | limited liability partnership
limited partnership | professional corporation | general partnership | pbc | benefit corporation | and company
ltd co | co ltd | co inc | company limited | pty | pty ltd | proprietary limited | pty limited | pte | pte ltd
pte limited | private limited | private ltd | private limited company | co pvt ltd | co private limited
and sons ltd
pvt ltd | pvt | p ltd | pvt limited | opc pvt ltd | ltd liability co | unlimited | ulc | cic | cio | clg | dac
public limited company | teo | teoranta | plc ltd | nidhi ltd | gte ltd | ltd by guarantee
gmbh | ggmbh | mbh | g mbh | gesmbh | ges mbh | ag | kg | kgaa | ohg | gbr | gesbr | partg | partg mbb | partgmbb
ug | ug haftungsbeschrankt | haftungsbeschrankt | ev | e v | eg | egmbh | se | ewiv | kgaa co | inh | ek | e k
eingetragener verein | eingetragene genossenschaft | gmbh in grundung | gmbh i gr | gmbh il | ag il | e kfm | e kfr
gmbh and co kg | gmbh and co kgaa | gmbh and co ohg | gmbh and cokg | gmbh and co | gmbh co kg | gmbh kg
gmbh and kg
ag and co kg | ag and co kgaa | ag and co ohg | ag and co | se and co kgaa | se and co kg | mbh and co kg
stiftung and co kg
ug and co kg | ug haftungsbeschrankt and co kg | gesmbh and co kg | and co kg | and co kgaa | and co ohg | and co
kg ag
einzelunternehmen | gesellschaft mbh | gesellschaft mit beschrankter haftung | aktiengesellschaft
kommanditgesellschaft
offene handelsgesellschaft | mit beschrankter haftung | kommanditgesellschaft auf aktien
sa | s a | sas | sasu | sarl | sarlu | eurl | sci | scs | snc | scop | scp | selarl | selas | sca | scrl | sprl
sagl
sarl au | s c a | s n c | s c s | scm | scea | earl | gaec | eirl | sicav | fcp | sccv | sa au | sas au
asbl | aisbl | gie | cie | and cie | and compagnie | societe anonyme | societe a responsabilite limitee
association sans but lucratif
societe par actions simplifiee | societe par actions simplifiee unipersonnelle | sa nv | nv sa | srl bv | bv srl
asbl vzw | vzw asbl | sprl bvba | bvba sprl | scrl fs | ste | societe cooperative | senc | senc r l | sencrl
sl | slu | slp | sau | sll | slne | s l | s l u | sociedad anonima | sociedad limitada | s coop
sociedad de responsabilidad limitada | sociedad anonima unipersonal | sociedad limitada unipersonal | a c
s en c | s en c por a | c por a | cxa | s en nc | sociedad cooperativa | scl | sccl | aie
sa de cv | s a de c v | sab de cv | sab | sapi de cv | sapi | sapib de cv | sa de cv sofom | sofom enr
sa de cv sofom enr
sa de cv sofom er | s de rl de cv | s de rl | srl de cv | s de rl mi | s de pr de rl | spr de rl | sc de rl
sc de rl de cv
sociedad anonima de capital variable | sociedad anonima bursatil de capital variable | sa cv | sac | saa | sa esp
sas esp | sa bic | sas bic | sociedad por acciones simplificada | srl | spa | ltda spa | sociedad anonima cerrada
cia ltda | compania limitada | compania ltda | companhia ltda | and cia ltda | and cia | and cia sca | and cia sa
and cia sc
and compania | cia | ca | c a | sapem | sociedad por acciones | sociedad en comandita | empresa individual
ltda | limitada | lda | ltda me | ltda epp | me | epp | mei | eireli | eireli me | eireli epp | sociedade limitada
ltda em recuperacao judicial
unipessoal | unipessoal lda | unipessoal ltda | sociedade unipessoal lda | sociedade unipessoal | slu ltda
and cia lda | and irmaos lda
sociedade anonima | s s | ss ltda | ss me | sa em recuperacao judicial | sgps | sgps sa | crl | ace
sociedade por quotas | s s ltda
scarl | scpa | societa per azioni | societa cooperativa | societa a responsabilita limitata | coop | soc coop
soc coop arl
srls | s r l | s p a | sapa | sas di | snc di | ss | srl unipersonale | spa unipersonale | srl a socio unico
spa a socio unico
societa semplice | societa in nome collettivo | societa in accomandita semplice | societa consortile | scarl onlus
onlus
societa cooperativa sociale | cooperativa sociale | soc coop sociale | sgr | sgr spa | sim spa | srl in liquidazione
spa in liquidazione
soc cons a rl | s c r l | arl | a rl | a r l
bv | b v | nv | n v | vof | cv | bvba | cvba | cvoa | comm v | vzw | maatschap | besloten vennootschap
naamloze vennootschap | bv ba
cooperatie ua | gcv | esv | ivzw | commanditaire vennootschap
ab | publ | ab publ | hb | kb | ek for | aktiebolag | aktiebolaget | ekonomisk forening | handelsbolag
kommanditbolag
as | a s | asa | ans | da | aps | a p s | is | ivs | amba | a m b a | fmba | smba | fkf | k s | i s | p s
aktieselskab | anpartsselskab
aksjeselskap | allmennaksjeselskap | nuf | enk | iks | ks | kf | a s under konkurs | samvirkeforetak
partnerselskab
oy | oyj | oy ab | ab oy | oyj abp | abp | ry | rf | ky | tmi | t mi | ay | osk | osakeyhtio | julkinen osakeyhtio
toiminimi | as oy
ehf | hf | ohf | slf | ses | hlutafelag | einkahlutafelag | sp f
osauhing | ou | aktsiaselts | fie | mtu | sia | uab | mb | ik | vsi | tuu | sabiedriba ar ierobezotu atbildibu
uzdaroji akcine bendrove | akcine bendrove | akciju sabiedriba | viesoji istaiga
sp zoo | sp z oo | sp z o o | spzoo | sp z oo sp k | sp z oo sk | spolka z oo | spolka akcyjna | sp k | sp j | sp p
spk | s c
spolka z ograniczona odpowiedzialnoscia | spolka komandytowa | spolka jawna | spolka cywilna | prosta spolka akcyjna
spolka z ograniczona odpowiedzialnoscia spolka komandytowa | spolka partnerska | spolka komandytowo akcyjna
sp zoo sp k | sp z oo ska
s k a | ska | psa | sp z oo sp komandytowa | sp zoo spolka komandytowa | sp z oo spolka komandytowa
oddzial w polsce | sp z oo oddzial w polsce
sro | s r o | spol sro | spol s r o | spol s ro | spolecnost s rucenim omezenym | spolocnost s rucenim obmedzenym
akciova spolecnost | akciova spolocnost | akc spol | kom spol | vos | v o s | zs | z s | z u | o p s
statni podnik | statny podnik | jsa | nadacni fond | zapsany spolek | prispevkova organizace
kft | rt | nyrt | zrt | bt | kkt | kht | nkft | n kft | ev kft | korlatolt felelossegu tarsasag | reszvenytarsasag
zartkoruen mukodo reszvenytarsasag | nyilvanosan mukodo reszvenytarsasag | beteti tarsasag | nonprofit kft
kozhasznu nonprofit kft
doo | d o o | dooel | dd | d d | ad | a d | ead | eood | e o o d | ood | o o d | et | jdoo | j d o o | dno | d n o
kd | k d | kda
obrt | sp doo | j p | drustvo sa ogranicenom odgovornoscu | drustvo s ogranicenom odgovornoscu | akcionarsko drustvo
dionicko drustvo | delniska druzba | druzba z omejeno odgovornostjo
srl d | pfa | societate cu raspundere limitata | societate pe actiuni | intreprindere individuala | regie autonoma
ae | epe | ike | oe | ee | a e | e p e | i k e | aebe | abee | atee | ate | monoprosopi ike | monoprosopi epe
mon epe | mon ike | mae
anonymi etaireia | anonymos etaireia | anonimi eteria
sh p k | shpk | sha | sh a | sh pk | shp k
ltd sti | limited sirketi | anonim sirketi | a s ltd | as ltd sti | sti | limited sti | anonim sti
kollektif sirketi | kom sti | koll sti
san ve tic as | san tic as | san ve tic ltd sti | san tic ltd sti | san ve tic ltd | sanayi ve ticaret as
sanayi ve ticaret ltd sti
sanayi ve ticaret anonim sirketi | sanayi ve ticaret limited sirketi | sanayi ve ticaret | san ve tic anonim sirketi
san ve tic limited sirketi
tic ltd sti | ticaret ltd sti | ticaret as | tic as | ve ticaret as | ve tic as | ve ticaret ltd sti
ve tic ltd sti | tao | t a o
ooo | oao | zao | pao | ao | nao | ip | too | tov | pat | prat | chp | odo | tdv | mchj | mmc | qmj | yoaj | xk | xt
ojsc
cjsc | pjsc | jsc | llc jsc | fgup | gup | fgbu | fgbou | fgbou vo | fgaou vo | fgbou vpo | fgaou | fgbuz | gbou
gbuz | mbou | kgu | rgp | gkp
open joint stock company | closed joint stock company | public joint stock company | private joint stock company
joint stock company
tzov | spd fop | fop | mas uliyati cheklangan jamiyati | aksiyadorlik jamiyati | mehdud mesuliyyetli cemiyyeti | asc
kk | k k | gk | g k | yk | y k | kabushiki kaisha | kabushiki gaisha | kabushikigaisha | kabushikikaisha
godo kaisha | yugen kaisha | kaisha | co kk
goshi kaisha | gomei kaisha | yuhan hoesa | chusik hoesa | jusik hoesa | jushik hoesa
youxian gongsi | gufen youxian gongsi | youxian zeren gongsi | gongsi
sdn bhd | bhd | sdn | berhad | sendirian berhad | plt | pt | tbk | persero | perseroan terbatas | persero tbk
pt tbk | tbk pt | pt persero
pt persero tbk | perum | ud | pcl | public company limited | public co ltd | company ltd
tnhh | cong ty tnhh | cong ty cp | cong ty co phan | mtv | tnhh mtv | tnhh mot thanh vien | ctcp | dntn
psc | wll | w l l | fzc | fze | fzco | fz llc | fz co | dmcc | difc | adgm | llc fz | spc | est | llc opc
sole proprietorship
saog | saoc | bsc | bsc c | bscc | qsc | qpsc | q p s c | qscc | kscp | kscc | k s c | ksc | sak | sal | s a l | sae
s a e | sjsc | ssc
pjs | sherkat | pjs co
spz | pma | cc | npc | npo | rf npc | soc ltd | inc plc | pty ltd rf | suarl | sarl uni
share company | s co
"""
_CYRILLIC_FORMS = """
ооо | оао | зао | пао | ао | нао | ип | тоо | тов | пат | прат | ат | чп | пп | фоп | одо | оод | тдв | гуп | муп
мп | гп | дп | кп | ват | зат | спд
фгуп | фгбу | фгбоу | фгбоу во | фгбоу впо | фгаоу во | фгаоу впо | фгаоу | фгбун | фгбуз | фкп | гбоу | гбуз | гау
мбоу | мку | мкп | мчп
нко | ано | нп | тсж | снт | оаоо | чуп | уп | руп | руп во | ип глава кфх | кфх | гкп | ргп | кгу | жшс | ақ | еоод
еад | ет | сд | кд | кда
ад | доо | дооел | дд | ј п | јп | а д | д о о | общество с ограниченной ответственностью
общество с дополнительной ответственностью
акционерное общество | публичное акционерное общество | закрытое акционерное общество
открытое акционерное общество
непубличное акционерное общество | индивидуальный предприниматель | товарищество с ограниченной ответственностью
товариство з обмеженою відповідальністю | акціонерне товариство | приватне акціонерне товариство
приватне підприємство
публічне акціонерне товариство | фізична особа підприємець | державне підприємство | комунальне підприємство
еднолично дружество с ограничена отговорност | дружество с ограничена отговорност | акционерно дружество
друштво са ограниченом одговорношћу | акционарско друштво | жауапкершілігі шектеулі серіктестігі
акционерлік қоғамы
"""
_OTHER_SCRIPTS = """
αε | επε | ικε | οε | εε | αεβε | αβεε | ατε | αεε | μαε | μον επε | μον ικε | μονοπροσωπη ικε | μονοπροσωπη επε
μονοπροσωπη αε | και σια οε | και σια εε
ανωνυμη εταιρεια | ανωνυμη εταιρια | ανωνυμοσ εταιρεια | εταιρεια περιορισμενησ ευθυνησ | και σια | αμκε | ο ε | ε ε
α ε
מ בעמ | בעמ | בע מ | ש מ | שמ ם | ם ש ר | עמותה | ע ר | ער | חלצ | חברה לתועלת הציבור | אגודה שיתופית | אגש
שותפות מוגבלת
ش م م | شمم | ش م ك | شمك | ش م ع | شمع | ش م ل | شمل | ذ م م | ذمم | م م ح | مساهمه عامه | ش ذ م م | شذمم | ش ش و
ششو | ش م ب | شمب | ش م خ
ش م ق | شمق | ش م س | شمس | ش م ا | ش م ك م | ش م ك ع | ش م ب م | ش م ع ع | ش م ع م | م د م س | مدمس | م م ذ م
ش ت م م | م ح | م م | ش و
ذات مسووليه محدوده | ذات المسووليه المحدوده | المحدوده | شركه ذات مسووليه محدوده | شركه الشخص الواحد
شركه مساهمه عامه
شركه مساهمه | شركه مساهمه مصريه | شركه مساهمه سعوديه | شركه مساهمه مقفله | المساهمه | المساهمه العامه | مساهمه
شركه | الشركه
شركت | سهامی خاص | سهامی عام | با مسولیت محدود | با مسئولیت محدود | سهامي خاص | سهامي عام | شركت سهامي عام
مسئوليت محدود
จำกัด | จำกัด มหาชน | บริษัท | มหาชน | ห้างหุ้นส่วนจำกัด
प्राइवेट लिमिटेड | लिमिटेड | प्रा लि | प्रा लिमिटेड | कंपनी लिमिटेड | निगम लिमिटेड
"""


_ANDS = ("and", "und", "et", "og", "och", "y", "e", "i", "en", "si", "ve")


def _forms(*tables: str) -> frozenset[tuple[str, ...]]:
    lines = "|".join(line for table in tables for line in table.splitlines())
    written = [tuple(fold(form).split()) for form in lines.split("|") if form.strip()]
    joined = {tuple(also if word == "and" else word for word in form) for form in written for also in _ANDS}
    return frozenset(joined | set(written))


LEGAL_FORMS: frozenset[tuple[str, ...]] = _forms(_LATIN_FORMS, _CYRILLIC_FORMS, _OTHER_SCRIPTS)
"""Forms that may end a name."""

_LEADING = """
ooo | oao | zao | pao | ao | ip | too | tov | prat | pat | tzov | pt | pt persero | cv | sarl | eurl | sas | sasu | sa
sci | scs | fgbou vo | fgaou vo | fgbou vpo | fgup | fgbu | fgbou | fgaou | jsc | ojsc | cjsc | pjsc | llc
mas uliyati cheklangan jamiyati | cong ty tnhh | cong ty cp | ctcp | cong ty co phan | cong ty tnhh mtv
cong ty tnhh mot thanh vien | cong ty | dntn | firma | fa | ste | pp hu | phu | pphu | fhu | ppuh | uab | sia | ab
as | ou | vsi | mb | spolka z oo | the | kk | kabushiki kaisha | kabushiki gaisha | the company | m s | ets
etablissements | sherkat | sharikat | شركه | الشركه | شركت | บริษัท | מ | עמותת | ห้างหุ้นส่วนจำกัด
"""
LEADING_FORMS: frozenset[tuple[str, ...]] = _forms(_LEADING, _CYRILLIC_FORMS)
"""Forms that may begin a name ("ООО Ромашка", "PT Telkom", "The Coca-Cola Company")."""

_GLUED = """
股份有限公司 有限责任公司 有限責任公司 控股有限公司 集团有限公司 集團有限公司 集团股份有限公司 集團股份有限公司
控股股份有限公司 控股集团有限公司 有限公司 股份公司 分公司 总公司 總公司 公司 有限合伙 (有限合伙) (普通合伙)
个体工商户 民办非企业单位 股份有限責任公司 無限公司 (集团)股份有限公司 (集团)有限公司 (控股)有限公司 株式会社
株式會社 有限会社 合同会社 合資会社 合名会社 相互会社 一般社団法人 公益社団法人 一般財団法人 公益財団法人 社団法人
財団法人 特定非営利活動法人 学校法人 医療法人 医療法人社団 医療法人財団 社会福祉法人 宗教法人 国立大学法人
公立大学法人 独立行政法人 国立研究開発法人 地方独立行政法人 協同組合 財團法人 社團法人 (株) (有) (合) (同) (資) (名)
(財) (社) (学) (医) 주식회사 유한회사 유한책임회사 합자회사 합명회사 사단법인 재단법인 학교법인 의료법인 (주) (유)
(재) (사) (합) (학) จำกัด(มหาชน) (มหาชน) จำกัด บริษัท ห้างหุ้นส่วน
"""
GLUED_FORMS: tuple[str, ...] = tuple(sorted(map(fold, _GLUED.split()), key=len, reverse=True))
"""Forms of scripts that write without spaces, longest first; cut out wherever they stand."""
