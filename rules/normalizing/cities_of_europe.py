# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Cities of Europe by all their names: one city to a line, the spelling we keep first.

What is too long for a line goes on in the next, which begins with the same spelling.
"""

from __future__ import annotations

CITIES = """
vienna,Wien,Vienne,Viena,Wenen,Wiedeń,Vídeň,Bécs,Beč,Вена,Відень,Виена,Βιέννη,فيينا,וינה,ウィーン,维也纳,維也納,빈
munich,München,Muenchen,Múnich,Munique,Monaco di Baviera,Monachium,Mnichov,Minga,Мюнхен,ミュンヘン,慕尼黑,뮌헨,ميونخ
munich,מינכן,Μόναχο
cologne,Köln,Koeln,Colônia,Keulen,Kolonia,Kolín nad Rýnem,Кёльн,Кельн,ケルン,科隆,쾰른,קלן
berlin,Berlín,Berlim,Berlino,Berlijn,Берлин,Берлін,ベルリン,柏林,베를린,برلين,ברלין,Βερολίνο
hamburg,Hamburgo,Amburgo,Hambourg,Гамбург,ハンブルク,汉堡,漢堡,함부르크,המבורג
frankfurt,Frankfurt am Main,Frankfurt a M,Frankfurt/Main,Francfort,Francoforte,Fráncfort,Франкфурт
frankfurt,Франкфурт-на-Майне,フランクフルト,法兰克福,프랑크푸르트
stuttgart,Stoccarda,Штутгарт,シュトゥットガルト,斯图加特
dusseldorf,Düsseldorf,Duesseldorf,Дюссельдорф,デュッセルドルフ,杜塞尔多夫
nuremberg,Nürnberg,Nuernberg,Núremberg,Norimberga,Norymberga,Norimberk,Нюрнберг,ニュルンベルク,纽伦堡
hanover,Hannover,Hanovre,Hanôver,Ганновер,ハノーファー,汉诺威
dresden,Dresde,Dresda,Drezno,Drážďany,Дрезден,ドレスデン,德累斯顿
leipzig,Lipsia,Lipsk,Lipsko,Лейпциг,ライプツィヒ,莱比锡
bremen,Brême,Brema,Brémy,Бремен,ブレーメン,不来梅
aachen,Aix-la-Chapelle,Aquisgrán,Aquisgrana,Aken,Akwizgran,Cáchy,Аахен,アーヘン,亚琛
augsburg,Augsbourg,Аугсбург
mainz,Mayence,Maguncia,Magonza,Moguncja,Mohuč,Майнц
trier,Trèves,Tréveris,Treviri,Trewir,Трир
regensburg,Ratisbon,Ratisbonne,Ratisbona,Ratyzbona,Řezno,Регенсбург
wurzburg,Würzburg,Wuerzburg,Вюрцбург
saarbrucken,Saarbrücken,Saarbruecken,Sarrebruck
braunschweig,Brunswick Germany
gottingen,Göttingen,Goettingen,Gotinga,Gottinga,Getynga,Гёттинген,ゲッティンゲン,哥廷根
tubingen,Tübingen,Tuebingen,Tubinga,Тюбинген,テュービンゲン,图宾根
heidelberg,Heidelberga,Гейдельберг,Хайдельберг,ハイデルベルク,海德堡,하이델베르크
freiburg,Freiburg im Breisgau,Fribourg-en-Brisgau,Friburgo de Brisgovia,Friburgo in Brisgovia,Фрайбург
karlsruhe,Carlsruhe,Карлсруэ,カールスルーエ,卡尔斯鲁厄
konstanz,Constance,Konstancja,Констанц
chemnitz,Karl-Marx-Stadt,Хемниц
lubeck,Lübeck,Luebeck,Lubecca,Lubeka,Любек
munster,Münster,Muenster,Münster (Westfalen),Мюнстер
mannheim,Мангейм
bonn,Бонн,ボン,波恩,본
kiel,Kilonia,Киль
halle,Halle (Saale),Halle an der Saale,Галле
jena,Йена,イェーナ,耶拿
salzburg,Salzbourg,Salzburgo,Salisburgo,Зальцбург,ザルツブルク,萨尔茨堡
graz,Grác,Štýrský Hradec,Грац,グラーツ,格拉茨
linz,Линц,リンツ,林茨
innsbruck,Инсбрук,インスブルック,因斯布鲁克
zurich,Zürich,Zuerich,Zúrich,Zurigo,Zurique,Zurych,Curych,Цюрих,Цюріх,Ζυρίχη,زيورخ,ציריך,チューリッヒ,苏黎世,蘇黎世
zurich,취리히
geneva,Genève,Genf,Ginebra,Ginevra,Genebra,Genewa,Ženeva,Женева,Γενεύη,جنيف,ז'נבה,ジュネーヴ,ジュネーブ,日内瓦
geneva,日內瓦,제네바
basel,Bâle,Basle,Basilea,Basileia,Bazylea,Bazel,Basilej,Базель,バーゼル,巴塞尔,바젤
bern,Berne,Berna,Berno,Берн,ベルン,伯尔尼
lausanne,Losanna,Lausana,Лозанна,ローザンヌ,洛桑,로잔
lucerne,Luzern,Lucerna,Люцерн,ルツェルン
saint gallen,St. Gallen,Sankt Gallen,Saint-Gall,San Gallo,Санкт-Галлен
fribourg,Freiburg im Üechtland,Freiburg i. Ü.
neuchatel,Neuchâtel,Neuenburg,Невшатель
paris,París,Parigi,Parijs,Paryż,Paříž,Pariz,Párizs,Париж,Παρίσι,باريس,پاریس,פריז,パリ,巴黎,파리
lyon,Lione,Lyons,Лион,リヨン,里昂,리옹
marseille,Marseilles,Marsella,Marsiglia,Marselha,Marsylia,Марсель,マルセイユ,马赛,마르세유
nice,Niza,Nizza,Ницца,ニース,尼斯
strasbourg,Straßburg,Strassburg,Estrasburgo,Strasburgo,Straatsburg,Strasburg,Štrasburk,Страсбург,ストラスブール
strasbourg,斯特拉斯堡
bordeaux,Burdeos,Bordéus,Бордо,ボルドー,波尔多
toulouse,Tolosa (Francia),Тулуза,トゥールーズ,图卢兹
lille,Rijsel,Лилль,リール,里尔
dunkirk,Dunkerque,Duinkerke,Dünkirchen
avignon,Aviñón,Avignone,Авиньон
grenoble,Гренобль,グルノーブル,格勒诺布尔
nantes,Нант,ナント,南特
montpellier,Монпелье,モンペリエ,蒙彼利埃
rennes,Roazhon,Ренн,レンヌ
mulhouse,Mülhausen
london,Londres,Londra,Londen,Londyn,Londýn,Lontoo,Лондон,Λονδίνο,لندن,לונדון,ロンドン,伦敦,倫敦,런던,ลอนดอน
edinburgh,Edimbourg,Edimburgo,Edynburg,Dùn Èideann,Эдинбург,エディンバラ,爱丁堡,에든버러
glasgow,Glaschu,Глазго,グラスゴー,格拉斯哥
cardiff,Caerdydd,Кардифф
swansea,Abertawe
belfast,Béal Feirste,Белфаст
manchester,Манчестер,マンチェスター,曼彻斯特,맨체스터
birmingham,Бирмингем,バーミンガム,伯明翰
liverpool,Ливерпуль,リバプール,利物浦
oxford,Оксфорд,オックスフォード,牛津,옥스퍼드
cambridge,Кембридж,ケンブリッジ,剑桥,劍橋,케임브리지
newcastle upon tyne,Newcastle-upon-Tyne,Newcastle-on-Tyne
dublin,Dublín,Dublino,Baile Átha Cliath,Дублин,ダブリン,都柏林,더블린
cork,Corcaigh,Корк
galway,Gaillimh
limerick,Luimneach
lisbon,Lisboa,Lisbonne,Lissabon,Lisbona,Lizbona,Lisabon,Лиссабон,Λισαβόνα,لشبونة,ליסבון,リスボン,里斯本,리스본
porto,Oporto,Порту,ポルト,波尔图
coimbra,Coïmbre,Коимбра,コインブラ
madrid,Madri,Madryt,Мадрид,Μαδρίτη,مدريد,מדריד,マドリード,马德里,馬德里,마드리드
barcelona,Barcelone,Barcellona,Барселона,Βαρκελώνη,برشلونة,ברצלונה,バルセロナ,巴塞罗那,바르셀로나
seville,Sevilla,Séville,Siviglia,Sevilha,Sewilla,Севилья,セビリア,塞维利亚,세비야
valencia,València,Valência,Walencja,Валенсия,バレンシア,巴伦西亚
zaragoza,Saragossa,Saragosse,Saragozza,Saragoça,Сарагоса,サラゴサ
cordoba,Córdoba,Cordoue,Кордова
granada,Гранада,グラナダ
bilbao,Bilbo,Бильбао,ビルバオ
san sebastian,San Sebastián,Donostia,Donostia-San Sebastián,Donostia / San Sebastián,Saint-Sébastien
vitoria-gasteiz,Vitoria-Gasteiz,Gasteiz
pamplona,Iruña,Pamplona/Iruña,Pampelune,Памплона
a coruna,La Coruña,A Coruña,Corunna,Coruña,La Corogne
santiago de compostela,Saint-Jacques-de-Compostelle,Compostela
palma,Palma de Mallorca
alicante,Alacant,Alicante/Alacant
castellon,Castelló de la Plana,Castellón de la Plana,Castelló
gerona,Girona
lerida,Lleida
cadiz,Cádiz,Cadix,Cadice
malaga,Málaga,Малага,マラガ
las palmas,Las Palmas de Gran Canaria
rome,Roma,Rom,Rzym,Řím,Róma,Rim,Рим,Ρώμη,روما,רומא,ローマ,罗马,羅馬,로마
milan,Milano,Mailand,Milán,Milão,Mediolan,Milaan,Milánó,Милан,Мілан,Μιλάνο,ميلانو,מילאנו,ミラノ,米兰,米蘭,밀라노
naples,Napoli,Nápoles,Neapel,Neapol,Nápoly,Napels,Неаполь,Νάπολη,نابولي,ナポリ,那不勒斯,나폴리
turin,Torino,Turín,Turim,Turyn,Турин,トリノ,都灵,토리노
florence,Firenze,Florenz,Florencia,Florença,Florencja,Флоренция,Φλωρεντία,フィレンツェ,佛罗伦萨,피렌체
venice,Venezia,Venise,Venedig,Venecia,Veneza,Wenecja,Benátky,Венеция,Βενετία,ヴェネツィア,ベネチア,威尼斯,베네치아
genoa,Genova,Gênes,Genua,Gênova,Janov,Генуя,ジェノヴァ,热那亚
bologna,Bologne,Bolonia,Bolonha,Болонья,ボローニャ,博洛尼亚,볼로냐
padua,Padova,Padoue,Padwa,Pádua,Падуя,パドヴァ,帕多瓦
pisa,Pise,Пиза,ピサ,比萨
siena,Sienne,Сиена
trieste,Triest,Trst,Триест
trent,Trento,Trient,Тренто
bolzano,Bozen,Bolzano/Bozen,Bolzano-Bozen
verona,Vérone,Werona,Верона
perugia,Pérouse,Перуджа
palermo,Palerme,Палермо
siracusa,Syracuse Italy
mantua,Mantova,Mantoue
ferrara,Ferrare
leghorn,Livorno,Livourne
rimini,Римини
brussels,Bruxelles,Brussel,Brüssel,Bruessel,Bruselas,Bruxelas,Bruselj,Bruksela,Brusel,Brüsszel,Bryssel,Брюссель
brussels,Βρυξέλλες,بروكسل,בריסל,ブリュッセル,布鲁塞尔,브뤼셀
antwerp,Antwerpen,Anvers,Amberes,Antuérpia,Anversa,Antwerpia,Антверпен,アントワープ,安特卫普
ghent,Gent,Gand,Gante,Gandawa,Гент,ゲント,ヘント,根特
bruges,Brugge,Brügge,Brujas,Bruggia,Brugia,Брюгге,ブルージュ
liege,Liège,Luik,Lüttich,Lieja,Liegi,Льеж,リエージュ
leuven,Louvain,Löwen,Lovaina,Lovanio,Лёвен,ルーヴェン,鲁汶
louvain-la-neuve,Louvain-la-Neuve,Ottignies-Louvain-la-Neuve
mechelen,Malines,Mecheln,Malinas
namur
mons
kortrijk,Courtrai
tournai,Doornik
ypres,Ieper
the hague,Den Haag,'s-Gravenhage,s Gravenhage,La Haye,La Haya,Haia,L'Aia,Haag,Haga,Гаага,Χάγη,لاهاي,האג,ハーグ,海牙
the hague,헤이그
amsterdam,Ámsterdam,Amsterdã,Amsterdão,Амстердам,Άμστερνταμ,امستردام,אמסטרדם,アムステルダム,阿姆斯特丹,암스테르담
rotterdam,Róterdam,Roterdã,Роттердам,ロッテルダム,鹿特丹,로테르담
utrecht,Утрехт,ユトレヒト,乌得勒支,위트레흐트
leiden,Leyden,Leyde,Лейден,ライデン,莱顿,레이던
groningen,Groninga,Groningue,Гронинген
eindhoven,Эйндховен,アイントホーフェン,埃因霍温
nijmegen,Nimwegen,Nimègue,Nimega,Неймеген
maastricht,Maestricht,Mastrique,Маастрихт
den bosch,'s-Hertogenbosch,s Hertogenbosch,Hertogenbosch,Bois-le-Duc
luxembourg,Luxembourg City,Luxemburg,Luxemburgo,Lussemburgo,Lëtzebuerg,Люксембург,ルクセンブルク,卢森堡
copenhagen,København,Koebenhavn,Kobenhavn K,Kopenhagen,Copenhague,Copenaghen,Köpenhamn,Kopenhaga,Kodaň,Koppenhága
copenhagen,Kööpenhamina,Копенгаген,Κοπεγχάγη,كوبنهاغن,קופנהגן,コペンハーゲン,哥本哈根,코펜하겐
aarhus,Århus,Aarhus C,Орхус,オーフス
aalborg,Ålborg,Ольборг
odense,Оденсе
elsinore,Helsingør
gothenburg,Göteborg,Goeteborg,Gotemburgo,Гётеборг,Гетеборг,ヨーテボリ,イェーテボリ,哥德堡,예테보리
stockholm,Estocolmo,Stoccolma,Sztokholm,Tukholma,Стокгольм,Στοκχόλμη,ستوكهولم,סטוקהולם,ストックホルム,斯德哥尔摩
stockholm,스톡홀름
malmo,Malmö,Malmoe,Мальмё,マルメ
uppsala,Upsala,Upsal,Уппсала,ウプサラ
lund,Лунд,ルンド
linkoping,Linköping,Линчёпинг
oslo,Christiania,Kristiania,Осло,Όσλο,اوسلو,אוסלו,オスロ,奥斯陆,오슬로
bergen,Берген,ベルゲン
trondheim,Trondhjem,Тронхейм,トロンハイム
tromso,Tromsø,Tromsö,Тромсё
helsinki,Helsingfors,Helsínquia,Helsinque,Helsinky,Хельсинки,Ελσίνκι,هلسنكي,הלסינקי,ヘルシンキ,赫尔辛基,헬싱키
turku,Åbo,Aabo,Турку,トゥルク
tampere,Tammerfors,Тампере
espoo,Esbo,Эспоо
vantaa
oulu,Uleåborg,Оулу
vaasa
jyvaskyla,Jyväskylä,Ювяскюля
reykjavik,Reykjavík,Reikiavik,Рейкьявик,レイキャヴィーク
warsaw,Warszawa,Warschau,Varsovie,Varsovia,Varsóvia,Varsavia,Varšava,Varsó,Varsova,Varssavi,Варшава,Βαρσοβία,وارسو
warsaw,ורשה,ワルシャワ,华沙,華沙,바르샤바
krakow,Kraków,Cracow,Krakau,Cracovie,Cracovia,Cracóvia,Krakov,Краков,Краків,クラクフ,克拉科夫,크라쿠프
wroclaw,Wrocław,Breslau,Breslavia,Vratislavia,Vratislav,Вроцлав,ヴロツワフ,弗罗茨瓦夫
gdansk,Gdańsk,Danzig,Dantzig,Danzica,Гданьск,グダニスク,格但斯克
poznan,Poznań,Posen,Poznaň,Познань,ポズナン
lodz,Łódź,Lodsch,Лодзь,ウッチ
szczecin,Stettin,Štětín,Щецин
torun,Toruń,Торунь
katowice,Kattowitz,Катовице
lublin,Люблин,ルブリン
bialystok,Białystok,Белосток
rzeszow,Rzeszów,Жешув
bydgoszcz,Bromberg,Быдгощ
olsztyn,Allenstein
opole,Oppeln
gliwice,Gleiwitz
prague,Praha,Prag,Praga,Praag,Prága,Praha 1,Praha 2,Praha 3,Praha 4,Praha 5,Praha 6,Praha 7,Praha 8,Praha 9,Praha 10
prague,Прага,Πράγα,براغ,פראג,プラハ,布拉格,프라하
brno,Brünn,Bruenn,Брно,ブルノ,布尔诺
ostrava,Ostrau,Ostrawa,Острава
plzen,Plzeň,Pilsen,Pilzno,Пльзень
olomouc,Olmütz,Ołomuniec,Оломоуц
ceske budejovice,České Budějovice,Budweis,Böhmisch Budweis
bratislava,Pressburg,Pozsony,Bratysława,Братислава,ブラチスラヴァ,布拉迪斯拉发,브라티슬라바
kosice,Košice,Kaschau,Kassa,Кошице
budapest,Budapeszt,Budapešť,Budimpešta,Budapeste,Будапешт,Βουδαπέστη,بودابست,בודפשט,ブダペスト,布达佩斯,부다페스트
szeged,Segedin,Szegedin,Сегед
pecs,Pécs,Fünfkirchen
debrecen,Debrezin,Debreczin,Дебрецен
gyor,Győr
bucharest,București,Bukarest,Bucarest,Bucareste,Boekarest,Bukareszt,Bukurešť,Бухарест,Βουκουρέστι,بوخارست,בוקרשט
bucharest,ブカレスト,布加勒斯特,부쿠레슈티
cluj-napoca,Cluj-Napoca,Cluj,Klausenburg,Kolozsvár,Клуж-Напока
timisoara,Timișoara,Temeswar,Temeschburg,Temesvár,Тимишоара
iasi,Iași,Jassy,Яссы
brasov,Brașov,Kronstadt,Brassó
sibiu,Hermannstadt,Nagyszeben
constanta,Constanța,Констанца
oradea,Nagyvárad,Großwardein
targu mures,Târgu Mureș,Tîrgu Mureș,Marosvásárhely,Neumarkt am Mieresch
chisinau,Chișinău,Kishinev,Kischinau,Кишинёв,Кишинев
sofia,Sofiya,Sofija,София,Софія,Σόφια,صوفيا,סופיה,ソフィア,索非亚,소피아
plovdiv,Пловдив
varna,Варна
athens,Athína,Athina,Athinai,Athen,Athènes,Atenas,Atene,Athene,Ateny,Athény,Ateena,Афины,Атина,Αθήνα,Αθηνα,اثينا
athens,אתונה,アテネ,雅典,아테네
thessaloniki,Salonica,Salonika,Saloniki,Thessalonique,Salonicco,Tesalónica,Selanik,Solun,Салоники,Солун,Θεσσαλονίκη
thessaloniki,テッサロニキ
patras,Patra,Pátra,Πάτρα,Патры
heraklion,Iraklio,Iráklio,Irakleio,Ηράκλειο,Ираклион
piraeus,Pireas,Le Pirée,Πειραιάς
nicosia,Lefkosia,Lefkoşa,Nicosie,Nikosia,Λευκωσία,Никосия
limassol,Lemesos,Λεμεσός,Лимассол
istanbul,İstanbul,Constantinople,Estambul,Istamboul,Stambuł,Istambul,Стамбул,Истанбул,Κωνσταντινούπολη,اسطنبول
istanbul,استانبول,איסטנבול,イスタンブール,イスタンブル,伊斯坦布尔,이스탄불
ankara,Анкара,Άγκυρα,انقرة,アンカラ,安卡拉,앙카라
izmir,İzmir,Smyrna,Smyrne,Esmirna,Измир,Σμύρνη,イズミル
bursa,Бурса
antalya,Анталья
diyarbakir,Diyarbakır
belgrade,Beograd,Belgrad,Belgrado,Belgrád,Bělehrad,Nándorfehérvár,Београд,Белград,Βελιγράδι,بلغراد,ベオグラード
belgrade,贝尔格莱德,베오그라드
novi sad,Neusatz,Újvidék,Нови Сад
nis,Niš,Nisch,Ниш
zagreb,Agram,Zágráb,Загреб,Ζάγκρεμπ,ザグレブ,萨格勒布,자그레브
split,Spalato,Сплит
rijeka,Fiume,Риека
dubrovnik,Дубровник
ljubljana,Laibach,Lubiana,Lublaň,Lublana,Любляна,リュブリャナ,卢布尔雅那
maribor,Marburg an der Drau,Марибор
sarajevo,Sarajewo,Saraybosna,Сараево,Сарајево,サラエボ,萨拉热窝
skopje,Skoplje,Üsküp,Skopie,Скопье,Скопје,スコピエ
tirana,Tiranë,Тирана
pristina,Prishtina,Prishtinë,Priština,Приштина
podgorica,Titograd,Подгорица
"""
