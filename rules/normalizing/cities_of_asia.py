# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Cities of Asia, Russia and its neighbours by all their names: one city to a line, the spelling we keep first.

What is too long for a line goes on in the next, which begins with the same spelling.
"""

from __future__ import annotations

CITIES = """
moscow,Moskva,Москва,Moskau,Moscou,Moscú,Moscovo,Mosca,Moskou,Moskwa,Moszkva,Moskova,Μόσχα,موسكو,مسکو,מוסקבה
moscow,モスクワ,莫斯科,모스크바
saint petersburg,St. Petersburg,Sankt-Peterburg,Sankt Petersburg,Saint-Pétersbourg,San Petersburgo,São Petersburgo
saint petersburg,San Pietroburgo,Petersburg,Petrograd,Leningrad,Leningrado,Pietari,Санкт-Петербург,Петербург
saint petersburg,Ленинград,СПб,サンクトペテルブルク,圣彼得堡,상트페테르부르크
novosibirsk,Nowosibirsk,Novossibirsk,Новосибирск,ノヴォシビルスク,新西伯利亚
yekaterinburg,Ekaterinburg,Jekaterinburg,Sverdlovsk,Екатеринбург,エカテリンブルク
nizhny novgorod,Nizhniy Novgorod,Nizhni Novgorod,Nischni Nowgorod,Gorky,Нижний Новгород
kazan,Kasan,Kazan',Казань,カザン,喀山
chelyabinsk,Tscheljabinsk,Челябинск
samara,Kuybyshev,Самара
rostov-on-don,Rostov-na-Donu,Rostov na Donu,Rostow am Don,Ростов-на-Дону
voronezh,Woronesch,Воронеж
volgograd,Stalingrad,Wolgograd,Волгоград
krasnoyarsk,Krasnojarsk,Красноярск
tomsk,Томск
irkutsk,Иркутск
vladivostok,Wladiwostok,Владивосток,ウラジオストク,海参崴
kaliningrad,Königsberg,Koenigsberg,Królewiec,Калининград
perm,Пермь
ufa,Уфа
omsk,Омск
saratov,Saratow,Саратов
tyumen,Tjumen,Тюмень
krasnodar,Краснодар
sochi,Sotschi,Сочи
obninsk,Обнинск
dubna,Дубна
pushchino,Puschino,Пущино
chernogolovka,Черноголовка
dolgoprudny,Dolgoprudnyy,Dolgoprudniy,Долгопрудный
kyiv,Kiev,Kiew,Kijów,Kyjev,Kijev,Kiova,Киев,Київ,Κίεβο,كييف,קייב,キエフ,キーウ,基辅,키이우,키예프
kharkiv,Kharkov,Charkow,Charków,Charkiv,Харьков,Харків,ハルキウ
odessa,Odesa,Одесса,Одеса,オデッサ
lviv,Lvov,Lemberg,Lwów,Léopol,Leopolis,Львов,Львів,リヴィウ
dnipro,Dnepropetrovsk,Dnipropetrovsk,Dnepr,Днепропетровск,Дніпро,Днепр
zaporizhzhia,Zaporozhye,Zaporizhia,Zaporizhzhya,Запорожье,Запоріжжя
donetsk,Donezk,Донецк,Донецьк
chernivtsi,Chernovtsy,Czernowitz,Cernăuți,Черновцы,Чернівці
uzhhorod,Uzhgorod,Ungvár,Ужгород
ivano-frankivsk,Ivano-Frankovsk,Stanislau,Івано-Франківськ
vinnytsia,Vinnitsa,Vinnytsya,Винница,Вінниця
minsk,Mińsk,Мінск,Минск,ミンスク,明斯克
gomel,Homel,Homiel,Гомель
grodno,Hrodna,Гродно
vilnius,Wilno,Wilna,Vilna,Vilno,Вильнюс,Вільнюс,ヴィリニュス,维尔纽斯
kaunas,Kowno,Kovno,Kauen,Каунас
klaipeda,Klaipėda,Memel
riga,Rīga,Ryga,Рига,リガ,里加
daugavpils,Dünaburg,Dvinsk
tallinn,Reval,Tallin,Таллин,Таллинн,タリン,塔林
tartu,Dorpat,Тарту,タルトゥ
tbilisi,Tiflis,Tiflís,Тбилиси,თბილისი,トビリシ
yerevan,Erevan,Eriwan,Jerewan,Ереван,Երևան,エレバン
baku,Bakı,Bakou,Bakú,Баку,バクー,巴库
almaty,Alma-Ata,Алматы,Алма-Ата,アルマトイ,阿拉木图
astana,Nur-Sultan,Nursultan,Akmola,Tselinograd,Астана,Нур-Султан
tashkent,Toshkent,Taschkent,Ташкент,タシュケント,塔什干
samarkand,Samarqand,Samarcande,Самарканд
bishkek,Frunze,Bischkek,Бишкек
dushanbe,Dushanbé,Duschanbe,Душанбе
ashgabat,Ashkhabad,Aşgabat,Ашхабад
damascus,Dimashq,Damas,Damasco,Damaskus,Дамаск,دمشق
aleppo,Halab,Alep,Alepo,حلب
beirut,Beyrouth,Bayrut,Beiroet,Beirute,Бейрут,بيروت,ביירות,ベイルート,贝鲁特
amman,Ammán,Амман
baghdad,Bagdad,Bagdá,Багдад,بغداد,バグダッド,巴格达
basra,Basrah,Al Basrah,Bassora,Basora,البصرة
mosul,Mossoul,الموصل
erbil,Arbil,Irbil,Hewler,أربيل
tehran,Teheran,Téhéran,Teherán,Teerã,Тегеран,تهران,طهران,טהרן,テヘラン,德黑兰,테헤란
isfahan,Esfahan,Ispahan,Isfahán,اصفهان
shiraz,Chiraz,Schiras,شیراز
mashhad,Meshed,Mashad,مشهد
tabriz,Täbris,تبریز
riyadh,Ar Riyad,Riad,Riyad,Er-Riad,Эр-Рияд,الرياض,リヤド,利雅得
jeddah,Jidda,Jiddah,Djeddah,Yeda,Dschidda,جدة
mecca,Makkah,La Mecque,La Meca,Mekka,Mekke,مكة,مكة المكرمة
medina,Al Madinah,Médine,Al-Madinah al-Munawwarah,المدينة المنورة
dammam,Ad Dammam,الدمام
dhahran,Az Zahran,الظهران
dubai,Dubay,Dubaï,Dubái,Дубай,دبي,דובאי,ドバイ,迪拜,두바이
abu dhabi,Abou Dabi,Abu Dabi,Abu Zabi,Абу-Даби,أبو ظبي,أبوظبي,アブダビ,阿布扎比,아부다비
sharjah,Ash Shariqah,Charjah,الشارقة
doha,Ad Dawhah,Доха,الدوحة,ドーハ,多哈
kuwait city,Kuwait,Al Kuwayt,Koweït,الكويت,مدينة الكويت
manama,Al Manamah,المنامة
muscat,Masqat,Mascate,Maskat,مسقط
sanaa,Sana'a,Sana,San'a,صنعاء
jerusalem,Yerushalayim,Jérusalem,Jerusalén,Jerusalém,Gerusalemme,Jerozolima,Al Quds,Иерусалим,القدس,ירושלים
jerusalem,エルサレム,耶路撒冷,예루살렘
tel aviv,Tel Aviv-Yafo,Tel-Aviv,Tel Aviv-Jaffa,Тель-Авив,تل أبيب,תל אביב,תל אביב-יפו,תל אביב יפו,テルアビブ,特拉维夫
tel aviv,텔아비브
haifa,Hefa,Haïfa,Хайфа,حيفا,חיפה,ハイファ,海法
beer sheva,Beersheba,Be'er Sheva,Beer-Sheva,Beersheva,Беэр-Шева,באר שבע,بئر السبع
ramat gan,Ramat-Gan,רמת גן
herzliya,Herzlia,Herzliyya,Hertzeliya,הרצליה
rehovot,Rehovoth,רחובות
petah tikva,Petach Tikva,Petah Tiqwa,Petah Tiqva,Petach Tikvah,פתח תקווה,פתח תקוה
rishon lezion,Rishon LeZiyyon,Rishon Le Zion,ראשון לציון
nazareth,Natzrat,נצרת,الناصرة
netanya,Natanya,נתניה
ramallah,Ram Allah,رام الله
gaza,Ghazzah,Gaza City,غزة
mumbai,Bombay,Bombaim,Мумбаи,Бомбей,मुंबई,मुम्बई,ムンバイ,孟买,뭄바이
kolkata,Calcutta,Calcuta,Kalkutta,Калькутта,कोलकाता,コルカタ,加尔各答
chennai,Madras,Ченнаи,चेन्नई,チェンナイ,金奈
bengaluru,Bangalore,Bangalor,Бангалор,बेंगलुरु,बंगलौर,ಬೆಂಗಳೂರು,バンガロール,ベンガルール,班加罗尔,벵갈루루
delhi,New Delhi,Delhi NCR,Nueva Delhi,Nova Delhi,Nova Déli,Neu-Delhi,Nuova Delhi,Dilli,Дели,Нью-Дели,दिल्ली,नई दिल्ली
delhi,نيودلهي,דלהי,ニューデリー,デリー,新德里,뉴델리
hyderabad,Haiderabad,Хайдарабад,हैदराबाद,ハイデラバード
pune,Poona,Пуна,पुणे,プネー
gurugram,Gurgaon,गुरुग्राम
thiruvananthapuram,Trivandrum,തിരുവനന്തപുരം
kochi,Cochin,കൊച്ചി
kozhikode,Calicut
mysuru,Mysore
mangaluru,Mangalore
puducherry,Pondicherry,Pondichéry
varanasi,Benares,Banaras,वाराणसी
kanpur,Cawnpore
vadodara,Baroda
visakhapatnam,Vizag,Vishakhapatnam
tiruchirappalli,Trichy,Tiruchi
guwahati,Gauhati
prayagraj,Allahabad
roorkee,Rurki
karachi,Karatschi,Карачи,کراچی,カラチ
lahore,Лахор,لاہور,ラホール
islamabad,Исламабад,اسلام آباد,イスラマバード
dhaka,Dacca,Daca,Дакка,ঢাকা,ダッカ,达卡
chittagong,Chattogram
kathmandu,Katmandu,Katmandou,काठमाडौं,カトマンズ
colombo,Kolamba,Коломбо,コロンボ
kabul,Kaboul,Cabul,Кабул,کابل
yangon,Rangoon,Rangun,Янгон,ヤンゴン,仰光
bangkok,Krung Thep,Krung Thep Maha Nakhon,Krungthep,Bangcoc,Banguecoque,Бангкок,กรุงเทพ,กรุงเทพมหานคร,กรุงเทพฯ,バンコク
bangkok,曼谷,방콕
chiang mai,Chiangmai,Chieng Mai,เชียงใหม่,チェンマイ,清迈
khon kaen,Khonkaen,ขอนแก่น
hanoi,Hà Nội,Ha Noi,Hanói,Ханой,ハノイ,河内市,하노이
ho chi minh city,Thành phố Hồ Chí Minh,TP Hồ Chí Minh,TP HCM,TPHCM,HCMC,HCM City,Ho Chi Minh,Saigon,Sài Gòn,Saïgon
ho chi minh city,Хошимин,ホーチミン,胡志明市,호찌민
da nang,Đà Nẵng,Danang,ダナン
hai phong,Hải Phòng,Haiphong
can tho,Cần Thơ,Cantho
phnom penh,Phnom-Penh,Пномпень,プノンペン,金边
vientiane,Viangchan,Вьентьян
kuala lumpur,Куала-Лумпур,クアラルンプール,吉隆坡,쿠알라룸푸르
penang,Pulau Pinang,George Town Penang,槟城
johor bahru,Johore Bahru,新山
singapore,Singapura,Singapur,Singapour,Cingapura,Сингапур,シンガポール,新加坡,싱가포르,สิงคโปร์
jakarta,Djakarta,Yakarta,Jacarta,Jakarta Pusat,Jakarta Selatan,South Jakarta,Central Jakarta,DKI Jakarta,Джакарта
jakarta,ジャカルタ,雅加达,자카르타
yogyakarta,Jogjakarta,Jogja,Djokjakarta
surabaya,Soerabaja,Surabaja
bandung,Bandoeng
makassar,Ujung Pandang,Makasar
manila,Maynila,Manille,Manilha,City of Manila,Манила,マニラ,马尼拉,마닐라
quezon city,Lungsod Quezon
tokyo,Tokio,Tóquio,Tōkyō,Tokyo-to,Токио,Токіо,Τόκιο,طوكيو,توکیو,טוקיו,東京,東京都,东京,도쿄,โตเกียว
osaka,Ōsaka,Oosaka,Осака,大阪,大阪市,大坂,오사카
kyoto,Kioto,Kyōto,Quioto,Киото,京都,京都市,교토
nagoya,Нагоя,名古屋,名古屋市,나고야
yokohama,Иокогама,横浜,横浜市,橫濱,요코하마
kobe,Kōbe,Кобе,神戸,神戸市,고베
sapporo,Саппоро,札幌,札幌市,삿포로
fukuoka,Фукуока,福岡,福岡市,후쿠오카
sendai,Сендай,仙台,仙台市
hiroshima,Хиросима,広島,広島市,히로시마
kawasaki,川崎,川崎市
saitama,さいたま,さいたま市
chiba,千葉,千葉市
tsukuba,Цукуба,つくば,つくば市,筑波
niigata,新潟,新潟市
kanazawa,金沢,金沢市
okayama,岡山,岡山市
kumamoto,熊本,熊本市
kagoshima,鹿児島,鹿児島市
nagasaki,Нагасаки,長崎,長崎市
shizuoka,静岡,静岡市
hamamatsu,浜松,浜松市
nara,奈良,奈良市
gifu,岐阜,岐阜市
toyama,富山,富山市
matsuyama,松山,松山市
naha,那覇,那覇市
utsunomiya,宇都宮,宇都宮市
kitakyushu,北九州,北九州市
beijing,Peking,Pékin,Pekín,Pequim,Pechino,Pekin,Pei-ching,Пекин,Пекін,Πεκίνο,بكين,پکن,בייג'ינג,北京,北京市,ペキン
beijing,베이징,ปักกิ่ง
shanghai,Schanghai,Changhaï,Shanghái,Xangai,Sciangai,Szanghaj,Шанхай,Σανγκάη,شنغهاي,שנגחאי,上海,上海市,シャンハイ
shanghai,상하이
guangzhou,Canton,Kanton,Cantón,Cantão,Kwangchow,Гуанчжоу,广州,廣州,广州市,광저우
shenzhen,Shen-chen,Schenzhen,Шэньчжэнь,深圳,深圳市
tianjin,Tientsin,Тяньцзинь,天津,天津市,톈진
chongqing,Chungking,Tchongking,Чунцин,重庆,重慶,重庆市,충칭
chengdu,Chengtu,Чэнду,成都,成都市,청두
hangzhou,Hangchow,Ханчжоу,杭州,杭州市,항저우
nanjing,Nanking,Nankin,Nanquim,Нанкин,南京,南京市,난징
wuhan,Hankow,Ухань,武汉,武漢,武汉市,우한
xi'an,Xian,Sian,Hsian,Сиань,西安,西安市,시안
suzhou,Soochow,Сучжоу,苏州,蘇州,苏州市
qingdao,Tsingtao,Циндао,青岛,青島,青岛市
dalian,Dairen,Далянь,大连,大連,大连市
shenyang,Mukden,Шэньян,沈阳,瀋陽,沈阳市
harbin,Kharbin,Haerbin,Ha'erbin,Харбин,哈尔滨,哈爾濱,哈尔滨市
changchun,Hsinking,Чанчунь,长春,長春,长春市
jinan,Tsinan,Цзинань,济南,濟南,济南市
xiamen,Amoy,Сямынь,厦门,廈門,厦门市
fuzhou,Foochow,Фучжоу,福州,福州市
ningbo,Ningpo,宁波,寧波,宁波市
wuxi,Wusih,无锡,無錫,无锡市
changsha,长沙,長沙,长沙市
zhengzhou,Chengchow,郑州,鄭州,郑州市
hefei,合肥,合肥市
kunming,昆明,昆明市
nanchang,南昌,南昌市
nanning,南宁,南寧,南宁市
guiyang,贵阳,貴陽,贵阳市
lanzhou,Lanchow,兰州,蘭州,兰州市
taiyuan,太原,太原市
shijiazhuang,石家庄,石家莊,石家庄市
urumqi,Ürümqi,Wulumuqi,Урумчи,乌鲁木齐,烏魯木齊
hohhot,Huhhot,呼和浩特
lhasa,拉萨
dongguan,东莞,東莞,东莞市
foshan,Fatshan,佛山,佛山市
zhuhai,珠海,珠海市
hong kong,Hongkong,Hong-Kong,Xianggang,Kowloon,HK,Гонконг,Χονγκ Κονγκ,هونغ كونغ,הונג קונג,香港,九龍,홍콩,ฮ่องกง
macau,Macao,Макао,澳門,澳门,마카오
taipei,Taipeh,Taibei,T'ai-pei,Taipéi,Taipei City,Тайбэй,台北,臺北,台北市,臺北市,타이베이
kaohsiung,Gaoxiong,高雄,高雄市
taichung,Taizhong,台中,臺中,台中市,臺中市
tainan,台南,臺南,台南市,臺南市
hsinchu,Xinzhu,Hsin-chu,新竹,新竹市
taoyuan,桃園,桃園市
new taipei,New Taipei City,新北,新北市
seoul,Séoul,Seúl,Seul,Söul,Szöul,Сеул,Σεούλ,سيول,סיאול,서울,서울시,서울특별시,ソウル,首尔,首爾,漢城
busan,Pusan,Пусан,부산,부산시,부산광역시,釜山
incheon,Inchon,Inch'on,인천,인천시,仁川
daegu,Taegu,대구,大邱
daejeon,Taejon,Taejŏn,대전
gwangju,Kwangju,광주
ulsan,울산,蔚山
suwon,수원,수원시,水原
pohang,P'ohang,포항
jeju,Cheju,제주
pyongyang,P'yŏngyang,Pjöngjang,평양,平壤
ulaanbaatar,Ulan Bator,Ulan-Bator,Oulan-Bator,Улаанбаатар,Улан-Батор
"""
