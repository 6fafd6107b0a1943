# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Spellings of states, provinces and regions that people use and the ISO 3166-2 lists lack, folded and without dots."""

from __future__ import annotations

import re

OWN_LANGUAGES: dict[str, tuple[str, ...]] = {
    "": ("de", "fr", "es", "it"), "NL": ("nl",), "BE": ("nl",), "RU": ("ru",), "KZ": ("ru",), "UA": ("uk", "ru"),
    "CN": ("zh_CN", "zh_TW"), "TW": ("zh_TW", "zh_CN"), "HK": ("zh_TW",), "JP": ("ja",), "KR": ("ko", "ja"),
    "GR": ("el",), "BG": ("bg",), "RS": ("sr",), "IL": ("he",), "IN": ("hi",), "TH": ("th",), "US": ("ja", "zh_CN"),
}  # fmt: skip
"""The catalogues in which names are looked up: "" for all countries, then those of a country itself
where ISO 3166-2 writes its names in other letters than people there do."""

STATE_KINDS = re.compile(
    r"(?<!\w)(?:(?:the )?(?:state|province|region|prefecture|county|commonwealth) of|estado d[eo]|provincia (?:de|di)|"
    r"(?:autonomous )?community of|comunidad (?:autonoma )?de|freistaat|land|departamento de|regiao d[eo]|region de|"
    r"canton (?:of|de)|kanton|emirate of)(?= \w)|(?<= )(?:state|province|prefecture|region|county|oblast|krai|kray|"
    r"emirate|voivodeship|governorate|department|district|autonomous region|metropolitan city|special city|sheng|shi|"
    r"do|ken|fu|to|lan|megye|kraj|zupanija|ili|\u043e\u0431\u043b\u0430\u0441\u0442\u044c|\u043a\u0440\u0430\u0439|"
    r"\u043e\u0431\u043b|\u0440\u0435\u0441\u043f\u0443\u0431\u043b\u0438\u043a\u0430)$|"
    r"(?<=\w)(?:\u7701|\u5e02|\u770c|\u7e23|\u5e9c|\u81ea\u6cbb\u533a|\u7279\u522b\u884c\u653f\u533a)$"
)
"""Words that say only that something is a state."""

_LINES = """
US-AL: ala | US-AK: alas | US-AZ: ariz | US-AR: ark
US-CA: calif; cali; californie; kalifornien; カリフォルニア; 加州; калифорния | US-CO: colo | US-CT: conn | US-DE: del
US-DC: washington dc; washington d c; district of columbia; d c; dc | US-FL: fla; floride | US-GA: ga | US-HI: hawaii
US-ID: ida | US-IL: ill | US-IN: ind | US-KS: kans; kan | US-KY: ky | US-LA: louisiane | US-ME: maine | US-MD: md
US-MA: mass | US-MI: mich | US-MN: minn | US-MS: miss | US-MO: mo | US-MT: mont | US-NE: nebr; neb | US-NV: nev
US-NH: n h | US-NJ: n j; nueva jersey; nova jersey | US-NM: n mex; n m; nuevo mexico
US-NY: n y; nueva york; nova york; nova iorque; new york state; ny; ニューヨーク州; 纽约州; 紐約州; нью йорк
US-NC: n c; n carolina; carolina do norte; carolina del norte | US-ND: n dak; n d | US-OK: okla | US-OR: ore; oreg
US-PA: penn; penna; pennsylvanie; pensilvania | US-RI: r i | US-SC: s c; s carolina; carolina del sur; carolina do sul
US-SD: s dak; s d | US-TN: tenn | US-TX: tex; tejas; テキサス; 得州 | US-UT: ut | US-VT: vt | US-VA: virginie
US-WA: wash; washington state | US-WV: w va; w virginia | US-WI: wis; wisc | US-WY: wyo | US-PR: porto rico
CA-AB: alta | CA-BC: b c; colombie britannique; british col; 卑诗省 | CA-MB: man | CA-NB: n b; nouveau brunswick
CA-NL: newfoundland; nfld; terre neuve; labrador; newfoundland and labrador | CA-NS: n s; nouvelle ecosse | CA-NT: nwt
CA-ON: ont | CA-PE: pei; prince edward isl; ile du prince edouard | CA-QC: que; pq; quebec; p q | CA-SK: sask
CA-YT: yukon territory | AU-ACT: canberra; act | AU-NSW: n s w; nsw | AU-NT: northern terr | AU-QLD: qld
AU-SA: s a australia; south australia | AU-TAS: tas; tassie | AU-VIC: vic | AU-WA: western australia
BR-DF: d f; brasilia | BR-SP: sao paulo; s paulo; sp; estado de sao paulo | BR-RJ: rio de janeiro; rj; rio
BR-MG: minas; mg | BR-RS: rs; rio grande sul | BR-PR: parana | BR-SC: sta catarina | BR-ES: espirito sto
BR-MS: mato grosso sul | MX-CMX: cdmx; ciudad de mexico; distrito federal; mexico city; mexico df
MX-MEX: estado de mexico; edomex; edo mex; state of mexico | MX-NLE: n l; nuevo leon | MX-BCN: b c n | MX-QUE: qro
MX-JAL: jal | MX-SLP: slp | MX-VER: ver; veracruz | MX-MIC: mich mexico; michoacan | MX-COA: coahuila
AR-C: caba; capital federal; ciudad autonoma de buenos aires; cdad autonoma de buenos aires
AR-B: provincia de buenos aires; pcia de buenos aires | CO-DC: bogota dc; bogota d c; bogota
CL-RM: region metropolitana; metropolitana; rm; santiago | PE-LMA: lima metropolitana
DE-BY: bavaria; baviera; baviere; beieren; bayern; バイエルン; бавария; bawaria
DE-BW: ba wu; bawu; bade wurtemberg; baden wuerttemberg | DE-HE: hesse; assia
DE-NW: nrw; north rhine westphalia; northrhine westphalia
DE-NW: renania del norte westfalia; rhenanie du nord westphalie; nordrhein westphalen
DE-NI: lower saxony; baja sajonia; basse saxe; bassa sassonia; nds
DE-RP: rhineland palatinate; rlp; renania palatinado; rhenanie palatinat
DE-SN: saxony; sajonia; saxe; sassonia; saxonia | DE-ST: saxony anhalt; sajonia anhalt; saxe anhalt
DE-SH: slesvig holsten | DE-TH: thuringia; turingia; thuringe; thueringen
DE-MV: meck pomm; mecklenburg western pomerania; mecklenburg vorpommern; mecklenburg west pomerania | DE-BE: berlin
DE-HH: hamburg; freie und hansestadt hamburg | AT-9: vienna; wien; viena; vienne | AT-5: salzburg
AT-6: styria; estiria | AT-7: tyrol; tirol | AT-2: carinthia | AT-3: lower austria | AT-4: upper austria
CH-ZH: zurich; zuerich | CH-GE: geneva; genf; geneve; ginebra | CH-VD: vaud; waadt | CH-BE: berne; bern
CH-BS: basel stadt; basle; basel city | CH-LU: lucerne; luzern | CH-TI: ticino; tessin | CH-VS: valais; wallis
CH-GR: grisons; graubunden | CH-SG: st gallen; saint gallen
FR-IDF: idf; ile de france; paris region; region parisienne | FR-ARA: auvergne rhone alpes; rhone alpes
FR-PAC: paca; provence alpes cote dazur | FR-BRE: brittany; bretagne; bretana | FR-NOR: normandy; normandie; normandia
FR-20R: corsica; corse; corcega | FR-GES: grand est; alsace | FR-NAQ: nouvelle aquitaine; aquitaine
FR-OCC: occitanie; occitania | FR-HDF: hauts de france | FR-PDL: pays de la loire
FR-BFC: bourgogne franche comte; burgundy | FR-CVL: centre val de loire
ES-MD: madrid; comunidad de madrid; community of madrid | ES-CT: catalonia; cataluna; catalunya; catalogne; katalonien
ES-AN: andalusia; andalucia; andalousie | ES-PV: basque country; pais vasco; euskadi; pays basque
ES-VC: valencia; comunidad valenciana; comunitat valenciana | ES-GA: galicia; galiza
ES-IB: balearic islands; illes balears; islas baleares; baleares | ES-CN: canary islands; canarias; islas canarias
ES-NC: navarra; navarre | ES-AS: asturias | ES-CL: castile and leon; castilla y leon; castilla leon
ES-CM: castile la mancha; castilla la mancha | ES-AR: aragon | ES-B: provincia de barcelona
IT-25: lombardy; lombardia; lombardei; lombardie | IT-62: latium; lazio; latio
IT-52: tuscany; toscana; toskana; toscane | IT-21: piedmont; piemonte; piamonte; piemont | IT-34: veneto; venetia
IT-82: sicily; sicilia; sizilien; sicile | IT-88: sardinia; sardegna; cerdena; sardaigne; sardinien
IT-75: apulia; puglia; pouilles | IT-45: emilia romagna
IT-32: trentino alto adige; trentino sudtirol; south tyrol; sudtirol; trentino | IT-72: campania
IT-42: liguria; ligurie | PT-11: lisboa; lisbon; lisbonne; lissabon | PT-13: porto; oporto | PT-20: azores; acores
PT-30: madeira | GB-ENG: england; inglaterra; angleterre | GB-SCT: scotland; schottland; escocia
GB-WLS: wales; cymru; gales | GB-NIR: northern ireland; n ireland; ulster
GB-LND: greater london; london; city of london | GB-MAN: greater manchester | GB-WMD: west midlands
IE-D: dublin; co dublin | NL-NH: north holland; noord holland; n holland
NL-ZH: south holland; zuid holland; z holland | NL-NB: north brabant; noord brabant; brabant | NL-GE: guelders
NL-FR: friesland | BE-BRU: brussels; bruxelles; brussel; brussels capital region; bruselas; brussel hoofdstad
BE-VLG: flanders; vlaanderen; flandre; flandern; flandes | BE-WAL: wallonia; wallonie; valonia
SE-AB: stockholm; stockholms lan | SE-M: scania; skane; skane lan | SE-O: vastra gotaland; vastra gotalands lan
DK-84: hovedstaden; capital region of denmark; region hovedstaden; copenhagen region | NO-03: oslo
FI-18: uusimaa; nyland | PL-14: mazowieckie; masovia; mazovia; masovian; mazowsze; woj mazowieckie
PL-12: malopolskie; lesser poland; malopolska | PL-24: slaskie; silesia; slask; silesian
PL-02: dolnoslaskie; lower silesia; dolny slask | PL-30: wielkopolskie; greater poland; wielkopolska
PL-22: pomorskie; pomerania; pomorze | CZ-10: prague; praha; hlavni mesto praha; prag
CZ-64: south moravia; jihomoravsky | HU-BU: budapest | RO-B: bucharest; bucuresti
RU-MOW: moscow; moskva; москва; moskau; moscou; moscu; г москва; moscow city
RU-SPE: saint petersburg; st petersburg; санкт петербург; sankt peterburg; sankt petersburg; спб
RU-MOS: moscow oblast; moscow region; московская область; moskovskaya oblast; podmoskovye; мо
RU-TA: tatarstan; татарстан; республика татарстан | RU-SVE: sverdlovsk oblast; свердловская область
RU-NVS: novosibirsk; новосибирская область | RU-KDA: krasnodar krai; краснодарский край; krasnodar
RU-LEN: leningrad oblast; ленинградская область | UA-30: kyiv; kiev; київ; киев; kyiv city; м київ
UA-46: lviv oblast; львівська область; lviv | UA-63: kharkiv oblast; харківська область
UA-51: odessa oblast; одеська область | TR-34: istanbul; ıstanbul | TR-06: ankara | TR-35: izmir
GR-I: attica; attiki; αττικη; αττική | IL-TA: tel aviv; tel aviv district; תל אביב | IL-JM: jerusalem; ירושלים
AE-DU: dubai; دبي; dubayy | AE-AZ: abu dhabi; ابوظبي; ابو ظبي; abu zaby | AE-SH: sharjah; الشارقة
SA-01: riyadh; الرياض; ar riyad | SA-02: makkah; mecca; مكة المكرمة; jeddah | EG-C: cairo; القاهرة; al qahirah
EG-ALX: alexandria; الاسكندرية | MA-06: casablanca settat | IR-23: tehran; تهران; teheran
ZA-GP: gauteng; gp; johannesburg | ZA-WC: western cape; wes kaap; cape town
ZA-KZN: kwazulu natal; kzn; kwa zulu natal | NG-LA: lagos; lagos state | NG-FC: abuja; fct; federal capital territory
KE-30: nairobi | IN-DL: delhi; new delhi; nct of delhi; दिल्ली | IN-MH: maharashtra; mumbai; महाराष्ट्र
IN-KA: karnataka; कर्नाटक | IN-TN: tamil nadu; tamilnadu | IN-UP: uttar pradesh; u p | IN-TS: telangana; telengana
IN-WB: west bengal; paschim banga | IN-GJ: gujarat | IN-AP: andhra pradesh; a p | IN-OR: orissa; odisha
IN-UT: uttarakhand; uttaranchal | IN-HR: haryana | IN-KL: kerala
JP-13: tokyo; 東京都; 東京; tokyo to; tokyo metropolis; токио; tokio
JP-27: osaka; 大阪府; 大阪; osaka fu; osaka prefecture | JP-26: kyoto; 京都府; 京都; kyoto fu
JP-01: hokkaido; 北海道 | JP-14: kanagawa; 神奈川県; 神奈川 | JP-23: aichi; 愛知県; 愛知
JP-40: fukuoka; 福岡県; 福岡 | JP-28: hyogo; 兵庫県; 兵庫 | JP-11: saitama; 埼玉県; 埼玉 | JP-12: chiba; 千葉県; 千葉
JP-34: hiroshima; 広島県 | JP-04: miyagi; 宮城県 | JP-08: ibaraki; 茨城県 | JP-22: shizuoka; 静岡県
JP-09: tochigi; 栃木県 | JP-20: nagano; 長野県 | JP-15: niigata; 新潟県 | JP-29: nara; 奈良県 | JP-47: okinawa; 沖縄県
CN-BJ: beijing; peking; 北京; 北京市; pekin; pequim; пекин | CN-SH: shanghai; 上海; 上海市; schanghai; xangai
CN-GD: guangdong; canton province; kwangtung; 广东; 廣東; 广东省 | CN-TJ: tianjin; tientsin; 天津; 天津市
CN-CQ: chongqing; chungking; 重庆; 重庆市 | CN-ZJ: zhejiang; chekiang; 浙江; 浙江省
CN-JS: jiangsu; kiangsu; 江苏; 江苏省 | CN-SC: sichuan; szechuan; szechwan; 四川; 四川省
CN-SD: shandong; shantung; 山东; 山东省 | CN-HB: hubei; 湖北; 湖北省 | CN-HN: hunan; 湖南; 湖南省
CN-FJ: fujian; fukien; 福建; 福建省 | CN-SN: shaanxi; shensi; 陕西; 陕西省 | CN-SX: shanxi; 山西; 山西省
CN-LN: liaoning; 辽宁; 辽宁省 | CN-HE: hebei; 河北; 河北省 | CN-HA: henan; honan; 河南; 河南省
CN-AH: anhui; 安徽; 安徽省 | CN-JX: jiangxi; 江西; 江西省 | CN-YN: yunnan; 云南; 云南省 | CN-XZ: tibet; xizang; 西藏
CN-XJ: xinjiang; 新疆 | CN-NM: inner mongolia; nei mongol; 内蒙古 | CN-GX: guangxi; 广西 | CN-NX: ningxia; 宁夏
CN-GS: gansu; 甘肃 | CN-HI: hainan; 海南 | CN-JL: jilin; 吉林 | CN-HL: heilongjiang; 黑龙江
TW-TPE: taipei; 台北; 臺北市; 台北市; taipei city | TW-TAO: taoyuan; 桃園 | TW-HSZ: hsinchu city; 新竹市; hsinchu
TW-KHH: kaohsiung; 高雄; 高雄市 | TW-TXG: taichung; 台中; 台中市 | KR-11: seoul; 서울; 서울특별시; 서울시; seul
KR-26: busan; pusan; 부산; 부산광역시 | KR-41: gyeonggi; gyeonggi do; kyonggi do; 경기도; 경기
KR-30: daejeon; taejon; 대전 | KR-27: daegu; taegu; 대구 | KR-28: incheon; inchon; 인천 | KR-49: jeju; 제주
KR-31: ulsan; 울산 | KR-29: gwangju; 광주
TH-10: bangkok; krung thep; krung thep maha nakhon; กรุงเทพมหานคร; กรุงเทพ; bangkok metropolis
VN-SG: ho chi minh; ho chi minh city; hcmc; saigon; tp hcm; tp ho chi minh; thanh pho ho chi minh
VN-HN: hanoi; ha noi | VN-DN: da nang; danang | ID-JK: jakarta; dki jakarta; jakarta raya; djakarta
ID-JB: west java; jawa barat; jabar | ID-JI: east java; jawa timur; jatim | ID-JT: central java; jawa tengah; jateng
ID-BA: bali | ID-YO: yogyakarta; jogjakarta; diy
MY-14: kuala lumpur; wilayah persekutuan kuala lumpur; wp kuala lumpur; k l | MY-07: penang; pulau pinang
MY-10: selangor | MY-01: johor; johore | MY-04: malacca; melaka
PH-00: metro manila; ncr; national capital region; kalakhang maynila; manila | NZ-AUK: auckland | NZ-WGN: wellington
NZ-CAN: canterbury
"""
COMMON_STATES: dict[str, str] = {}
for _entry in _LINES.replace("\n", "|").split("|"):
    _code, _, _spellings = _entry.strip().partition(":")
    for _spelling in filter(None, map(str.strip, _spellings.split(";"))):
        COMMON_STATES[_spelling] = " ".join(filter(None, (COMMON_STATES.get(_spelling), _code)))
"""A folded spelling -> the codes it may mean, separated by blanks."""
