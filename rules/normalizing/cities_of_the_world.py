# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Cities of Africa, America and Oceania by all their names: one city to a line, the spelling we keep first.

What is too long for a line goes on in the next, which begins with the same spelling.
"""

from __future__ import annotations

CITIES = """
cairo,Al Qahirah,El Qahira,Le Caire,Kairo,El Cairo,Il Cairo,Kair,Káhira,Каир,Κάιρο,القاهرة,קהיר,カイロ,开罗,카이로
alexandria,Al Iskandariyah,Alexandrie,Alejandría,Александрия,Αλεξάνδρεια,الإسكندرية,アレクサンドリア
giza,Gizeh,El Giza,Al Jizah,Gîza,Gizé,الجيزة
asyut,Assiut,Assiout,أسيوط
mansoura,Mansourah,El Mansoura,Al Mansurah,المنصورة
zagazig,Az Zaqaziq,الزقازيق
algiers,Alger,Argel,Algier,Algeri,الجزائر العاصمة
oran,Wahran,وهران
constantine,Qusantina,قسنطينة
tunis,Tunisi,تونس العاصمة
sfax,صفاقس
casablanca,Dar el Beida,Dar-el-Beida,Ad-Dar al-Bayda',Касабланка,الدار البيضاء,カサブランカ
rabat,Ar-Ribat,Рабат,الرباط
marrakesh,Marrakech,Marrakesch,Marraquexe,مراكش
fes,Fès,Fez,فاس
tangier,Tanger,Tangiers,Tánger,طنجة
tripoli,Tarabulus al-Gharb,طرابلس
khartoum,Khartum,Jartum,Al Khartum,الخرطوم
nairobi,Найроби,ナイロビ,内罗毕
addis ababa,Addis Abeba,Adis Abeba,Adís Abeba,Аддис-Абеба,አዲስ አበባ
johannesburg,Joburg,Johannesbourg,Johanesburgo,Йоханнесбург,ヨハネスブルグ,约翰内斯堡
cape town,Kaapstad,Le Cap,Ciudad del Cabo,Cidade do Cabo,Kapstadt,Città del Capo,Кейптаун,ケープタウン,开普敦
cape town,케이프타운
pretoria,Tshwane,City of Tshwane,Претория
durban,eThekwini,Дурбан
gqeberha,Port Elizabeth
makhanda,Grahamstown
bloemfontein,Mangaung
dakar,Dacar,Дакар
n'djamena,Ndjamena,N'Djaména,Fort-Lamy
kinshasa,Léopoldville,Киншаса
lubumbashi,Élisabethville
maputo,Lourenço Marques,Мапуту
harare,Хараре
antananarivo,Tananarive,Антананариву
accra,Acra,Аккра
lome,Lomé
yaounde,Yaoundé,Jaunde,Iaundé
new york,New York City,NYC,Nueva York,Nova York,Nova Iorque,Nuova York,Nowy Jork,Нью-Йорк,Νέα Υόρκη,نيويورك,ניו יורק
new york,ニューヨーク,纽约,紐約,뉴욕,Manhattan
los angeles,L.A.,Los Ángeles,Лос-Анджелес,ロサンゼルス,洛杉矶,洛杉磯,로스앤젤레스
san francisco,SF,San Fran,Сан-Франциско,サンフランシスコ,旧金山,舊金山,三藩市,샌프란시스코
chicago,Чикаго,シカゴ,芝加哥,시카고
boston,Бостон,ボストン,波士顿,波士頓,보스턴
philadelphia,Philly,Philadelphie,Filadelfia,Filadélfia,Филадельфия,フィラデルフィア,费城
houston,Хьюстон,ヒューストン,休斯顿
seattle,Сиэтл,シアトル,西雅图,시애틀
washington,Washington DC,Washington D.C.,Washington D C,D.C.,Вашингтон,ワシントン,华盛顿,華盛頓,워싱턴
new orleans,La Nouvelle-Orléans,Nueva Orleans,Nova Orleans,Новый Орлеан
saint louis,St. Louis,St Louis,Saint-Louis du Missouri
saint paul,St. Paul,St Paul
saint augustine,St. Augustine
fort worth,Ft. Worth,Ft Worth
fort lauderdale,Ft. Lauderdale,Ft Lauderdale
minneapolis,Миннеаполис
honolulu,Гонолулу,ホノルル
miami,Майами,マイアミ,迈阿密
atlanta,Атланта,アトランタ,亚特兰大
detroit,Детройт
dallas,Даллас,ダラス
winston-salem,Winston Salem
research triangle park,RTP
montreal,Montréal,Ville de Montréal,Монреаль,Μόντρεαλ,モントリオール,蒙特利尔,몬트리올
quebec,Québec,Québec City,Quebec City,Ville de Québec,Квебек
toronto,Торонто,トロント,多伦多,多倫多,토론토
ottawa,Оттава,オタワ,渥太华
vancouver,Ванкувер,バンクーバー,温哥华,溫哥華,밴쿠버
trois-rivieres,Trois-Rivières,Three Rivers
saint john's,St. John's,St John's,Saint-Jean de Terre-Neuve
mexico city,Ciudad de México,Cd. de México,Cd de Mexico,CDMX,Mexico D.F.,México D.F.,México DF,Mexico,México
mexico city,Mexico-Stadt,Ville de Mexico,Cidade do México,Città del Messico,Мехико,メキシコシティ,墨西哥城
mexico city,멕시코시티
monterrey,Монтеррей
guadalajara,Гвадалахара
queretaro,Querétaro,Santiago de Querétaro
puebla,Heroica Puebla de Zaragoza
merida,Mérida
san jose,San José
panama city,Ciudad de Panamá,Panamá,Panama,Панама
guatemala city,Ciudad de Guatemala,Guatemala,Nueva Guatemala de la Asunción
havana,La Habana,La Havane,Havanna,L'Avana,Hawana,Гавана,ハバナ
santo domingo,Saint-Domingue
port-au-prince,Port-au-Prince,Puerto Príncipe,Porto Príncipe
bogota,Bogotá,Bogotá D.C.,Bogota DC,Santa Fe de Bogotá,Santafé de Bogotá,Богота,ボゴタ,波哥大,보고타
medellin,Medellín,Медельин
cartagena,Cartagena de Indias
caracas,Каракас,カラカス
quito,Кито
guayaquil,Гуаякиль
lima,Cercado de Lima,Лима,リマ,利马
cusco,Cuzco
la paz,Nuestra Señora de La Paz
santiago,Santiago de Chile,Santiago du Chili,Сантьяго,サンティアゴ
valparaiso,Valparaíso
concepcion,Concepción
buenos aires,Ciudad de Buenos Aires,Ciudad Autónoma de Buenos Aires,CABA,C.A.B.A.,Capital Federal,Буэнос-Айрес
buenos aires,Μπουένος Άιρες,ブエノスアイレス,布宜诺斯艾利斯,부에노스아이레스
montevideo,Montevidéu,Монтевидео
asuncion,Asunción,Assunção
sao paulo,São Paulo,S. Paulo,Sampa,Сан-Паулу,サンパウロ,圣保罗,聖保羅,상파울루
rio de janeiro,Rio,Río de Janeiro,Рио-де-Жанейро,リオデジャネイロ,里约热内卢,리우데자네이루
brasilia,Brasília,Brasília DF,Бразилиа,ブラジリア,巴西利亚
belo horizonte,BH,Белу-Оризонти
porto alegre,POA,Порту-Алегри
curitiba,Куритиба
recife,Ресифи
salvador,Salvador da Bahia,Salvador de Bahia
florianopolis,Florianópolis,Floripa
sao jose dos campos,São José dos Campos,S. José dos Campos,SJ Campos
ribeirao preto,Ribeirão Preto,Rib. Preto
sao bernardo do campo,São Bernardo do Campo,S. Bernardo do Campo
santo andre,Santo André
belem,Belém,Belém do Pará
fortaleza,Форталеза
goiania,Goiânia
campinas,Кампинас
sydney,Sidney,Sídney,Сидней,シドニー,悉尼,雪梨,시드니
melbourne,Мельбурн,メルボルン,墨尔本,멜버른
brisbane,Брисбен,ブリスベン,布里斯班
perth,Перт,パース,珀斯
adelaide,Adélaïde,Аделаида,アデレード
canberra,Camberra,Канберра,キャンベラ,堪培拉
auckland,Tāmaki Makaurau,Окленд,オークランド,奥克兰
wellington,Te Whanganui-a-Tara,Веллингтон,ウェリントン,惠灵顿
christchurch,Ōtautahi,Крайстчерч
dunedin,Ōtepoti
"""
