# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Trades and sectors in names, and the small words (north, new, general) that tell one name from another.

Written as :mod:`rules.normalizing.institutions` is.
"""

from __future__ import annotations

TRADE = """
industry: industries ind inds industrial industrials industrie industria industrias industriale industriali industriel
  industrielle industriels industriais industrielles industriell industri industrien industrier teollisuus
  teollisuuden przemysl^ przemyslow~ prumysl^ prumyslov~ priemysel priemyslu priemyseln~ ipari ipar industriei
  industriala industrij^ industrijsk~ sanayi sanayii endustri endustriyel toostus pramones pramone rupniecibas
  perindustrian perindustri cong_nghiep промышленност^ промышленн~ промислов~ промисловост^ индустри^ индустриалн~
  βιομηχανια βιομηχανιας βιομηχανικη صناعة الصناعة صناعية الصناعية صنايع صنایع תעשייה תעשיות תעשיה उद्योग
commerce: commercial comercio comercial comerciais commerciale commerciales commercio commerciaux handel handels
  kauppa kaupan handlu handlow~ obchod^ obchodn~ kereskedelmi comert comertului comerciala trgovin^ trgovinsk~ trgovin
  ticaret ticari kaubandus prekybos tirdzniecibas comerc merkataritza perdagangan perniagaan thuong_mai торговл^
  торгов~ торгівл^ търговск~ търговия εμποριου εμπορικη εμπορικο تجارة التجارة تجارية بازرگانی מסחר व्यापार
trade: trades trading
finance: financial finances finanzas financas financiera financiero financeira finanza finanziaria finanzen financier
  financiere finans finansow~ financn~ finansal financiar finantelor rahoitus financijsk~ финанс^ финансов~ фінансов~
  مالية المالية مالی tai_chinh keuangan
agriculture: agricultural agricola agricolas agricole agricoles agropecuaria agropecuario agropecuarias agraria
  agrario agrarias agronomique agronomica landwirtschaft landwirtschaftliche landwirtschafts landbouw jordbruk
  jordbruks landbrug landbruks lantbruk lantbruks maatalous rolnictwa rolnictwo rolnicz~ zemedelstvi zemedelsk~
  polnohospodarstva polnohospodarsk~ mezogazdasagi agrar agricultura agriculturii poljoprivred^ poljoprivredn~
  kmetijsk~ kmetijstvo tarim tarimsal ziraat pollumajandus zemes_ukio lauksaimniecibas nekazaritza landbunadar bujqesi
  bujqesise pertanian nong_nghiep сельскохозяйственн~ аграрн~ сільськогосподарськ~ земеделие земеделск~ пољопривредн~
  γεωργια γεωργιας γεωπονικο زراعة الزراعة زراعية کشاورزی חקלאות कृषि
forestry: forestal forestier foret forets floresta florestal foresta forsten skog skogs metsa lesnictwa lesn~ lasow
  orman forestiere sumarsk~ лесн~ лісов~ غابات جنگل kehutanan perhutanan
fishery: fisheries pesca peche fischerei visserij fiske fiskeri kalatalous rybacki rybn~ рыбн~ рыбохозяйств^
  su_urunleri perikanan thuy_san
food: alimentos alimentaria alimentar alimentaire alimentation alimentare alimentari lebensmittel voeding livsmedel
  fodevare elintarvike zywnosci spozywcz~ potravin potravinarsk~ elelmiszer gida пищев~ харчов~ τροφιμων اغذية غذا
  thuc_pham pangan makanan
environment: environmental environnement environnementale medio_ambiente meio_ambiente ambiente ambiental ambientales
  ambientais ambientale umwelt umweltschutz miljo ymparisto ympariston srodowiska zivotniho_prostredi
  zivotneho_prostredia kornyezetvedelmi mediu mediului okolisa okolja zivotne_sredine cevre keskkonna keskkond
  aplinkos mediul ingurumen umhverfis mjedisit alam_sekitar lingkungan_hidup moi_truong экологи^ экологическ~
  екологічн~ довкілля околна_среда περιβαλλοντος بيئة البيئة محیط_زیست סביבה הסביבה पर्यावरण okologie okologische
  ecological ecologia ecologie ecology
climate: climat clima klima klimat climatico ilmasto климат^ مناخ
energy: energie energia energias energetique energetica energetico energi energian energetyk^ energetyczn~ energetick~
  energetik^ energetika energija energije energetsk~ enerji energeetika energetikos energijos energetikas nang_luong
  tenaga энерг^ энерги^ энергетик^ энергетическ~ енергетик^ енергетичн~ енергия ενεργεια ενεργειας طاقة الطاقة انرژی
  אנרגיה ऊर्जा
electric: electrical electricidad electricite electrica electrico eletrica eletrico elettrica elettrico elektrik
  elektriska elektrizitat elektriczn~ elektryczn~ elektrick~ elektricn~ elektro elettricita eletricidade elektrische
  elektricitet электр^ электрическ~ електричн~ dien_luc ηλεκτρικη ηλεκτρισμου كهرباء الكهرباء برق חשמל החשמל listrik
  elektrikli
electronics: electronic electronique electronica electronicos elettronica elektronik elektronika elektroniczn~
  электроник^ электронн~ إلكترونيات
water: wasser agua aguas eau eaux acqua acque vatten vann vesi wody vody vode vodovod wodociagi wodociagow vizmu
  vizugyi apa_nova vandens udens aigua aigues waterschap водоканал^ водн~ вод воды вода водоснабжен^ υδατων υδρευσης
  مياه المياه آب מים nuoc_sach
gas: gaz газ gasi gazu plyn^
oil: petroleum petrole petroleo petroleos petrolio erdol mineralol naftow~ ropn~ petrolier нефт^ нефтян~ نفط النفط نفت
  dau_khi
mining: mines minero minera mineracao mineria miniere bergbau gruvor gornicz~ gorniczo banska rudarsk~ rudnik
  madencilik maden горн~ гірнич~ металлургическ~ معادن التعدين معدن
transport: transports transportation transporte transportes trasporti trasporto verkehr verkehrs vervoer transporter
  samferdsel liikenne transportu doprava dopravy dopravn~ doprave kozlekedesi transporturi transporturilor prometa
  saobracaj^ ulastirma transpordi transporto transporta pengangkutan perhubungan giao_thong van_tai транспорт^
  транспортн~ μεταφορων نقل النقل حمل_و_نقل תחבורה התחבורה परिवहन
railway: railways rail railroad chemin_de_fer chemins_de_fer ferrocarril ferrocarriles ferrovia ferrovie ferroviaria
  eisenbahn bahn spoorwegen jarnvag jernbane rautatie koleje zeleznic^ zeleznice vasut cai_ferate demiryollari
  железнодорожн~ железн~_дорог залізниц^ железниц^ duong_sat σιδηροδρομων راه_آهن السكك_الحديدية רכבת kereta_api
airline: airlines aerolineas linhas_aereas lignes_aeriennes linee_aeree fluggesellschaft hava_yollari авиалини^
  авиакомпани^ авіакомпані^ αεροπορικες_γραμμες هواپیمایی hang_khong
airport: aeropuerto aeroporto aeroport flughafen luchthaven lufthavn flygplats lentoasema lotnisko letiste letisko
  repuloter havalimani zracna_luka аэропорт^ аеропорт^ αεροδρομιο αερολιμενας مطار المطار فرودگاه נמל_תעופה san_bay
port: porto_maritimo hafen hamn havn satama liman limani λιμενας ميناء موانئ بندر נמל pelabuhan
post: poste posta postal correos correios postes poczta posta_ceska почт^ пошт^ поща ταχυδρομεια بريد البريد پست דואר
  pos_malaysia
telecommunication: telecommunications telecom telecoms telekom telecomunicaciones telecomunicacoes telecomunicazioni
  telecommunicatie telekommunikation telekomunikacj^ telekomunikace telekomunikacije telekomunikasyon televiestinta
  vien_thong телеком^ телекоммуникаци^ телекомунікаці^ τηλεπικοινωνιων اتصالات الاتصالات مخابرات ارتباطات תקשורת
  telekomunikasi
communication: communications comunicacion comunicaciones comunicacao comunicazione kommunikation communicatie
  kommunikasjon связ^ связи komunikacj^ komunikace komunikacije iletisim επικοινωνιων
information: informacion informacao informazione informatie informaatio informacj^ informacyjn~ informacn~ informacij^
  bilgi информаци^ информационн~ інформаці^ інформаційн~ πληροφοριων معلومات اطلاعات מידע thong_tin maklumat informasi
  informations
informatics: informatique informatica informatik informatyk^ informatyczn~ informatiky informatika informatike bilisim
  tietotekniikan информатик^ інформатик^ πληροφορικης حاسبات انفورماتیک
computer: computers computing computacion computacao ordinateurs computacional bilgisayar tietojenkasittely компьютер^
  компьютерн~ حاسوب الحاسب رایانه מחשבים may_tinh
construction: construccion construcciones construcao construcoes costruzioni costruzione constructions bau
  bauunternehmen bouw bouwbedrijf bygg byggeri rakennus budowlan~ budownictw^ stavebn~ stavby stavitel epitoipari
  epito constructii gradnja gradevinsk~ gradjevinsk~ gradevina insaat ehitus statyba statybos buvniecibas eraikuntza
  pembinaan konstruksi xay_dung строительств^ строительн~ будівельн~ будівництв^ строителств^ κατασκευαστικη
  κατασκευων انشاءات مقاولات ساختمان ساختمانی בנייה בניה निर्माण
production: produccion producao produzione produktion produktie produkcj^ produkcyjn~ vyroba vyrobn~ termelo
  proizvodnj^ uretim производств^ производственн~ виробництв^ виробнич~ انتاج تولید
manufacturing: mfg manufacturers manufacturer manufacture manufacturera fabricacion fabricacao
factory: fabrica fabricas fabrique fabbrica fabrik fabriken fabriek fabryka tovarna tovarny tvornica fabrika fabrikasi
  завод^ фабрик^ εργοστασιο مصنع مصانع کارخانه מפעל nha_may kilang pabrik
tourism: turismo tourisme tourismus toerisme turism turystyk^ turisticka turizm туризм^ τουρισμου سياحة السياحة
  گردشگری תיירות du_lich pelancongan pariwisata
hotel: hotels hoteles hoteis hotell hotelli otel гостиниц^ готел^ ξενοδοχειο فندق فنادق هتل מלון khach_san
restaurant: restaurants restaurante restaurantes ristorante restauracja restaurace ресторан^ مطعم رستوران מסעדה
  nha_hang
sport: sports esportiva deportivas deporte deportes deportivo deportiva esporte esportes esportivo desporto sportivo
  sportiva sportif sportive idrott idratt urheilu liikunta sportow~ sportovn~ sportsk~ spor sporti спорт^ спортивн~
  αθλητισμου رياضة الرياضة ورزش ספורט sukan olahraga the_thao
football: futbol futebol calcio fussball fotboll fotball fodbold voetbal jalkapallo pilki_noznej fotbalov~ labdarugo
  fotbal nogometn~ fudbalsk~ futbolo futebola футбол^ футбольн~ كرة_القدم فوتبال כדורגל bola_sepak sepak_bola bong_da
media: medien mediet mass_media
press: presse prensa imprensa stampa prasa tisk sajto печат^ صحافة
television: televisione televisao fernsehen televisie televizij^ telewizj^ televize televizyon телевидени^ телебаченн^
  تلفزيون truyen_hinh
publishing: publisher publishers publications editorial editora edition editions editore editrice verlag uitgeverij
  forlag forlaget kustannus wydawnictw^ nakladatelstvi vydavatelstvi kiado editura izdavack~ izdavastvo zalozba
  yayinevi yayincilik yayinlari издательств^ видавництв^ εκδοσεις نشر انتشارات הוצאה_לאור
security: seguridad seguranca sicurezza securite sicherheit veiligheid sakerhet sikkerhed sikkerhet turvallisuus
  bezpieczenstwa bezpecnost^ bezpecnosti biztonsagi securitate sigurnost^ guvenlik безопасност^ безпек^ ασφαλεια
  ασφαλειας امن الامن امنیت keselamatan keamanan an_ninh
safety: surete
development: dev desarrollo desenvolvimento developpement sviluppo entwicklung ontwikkeling utveckling udvikling
  utvikling kehitys kehittamis rozwoju rozvoj^ fejlesztesi dezvoltare razvoj^ razvitak kalkinma gelistirme arengu
  pletros attistibas garapen phat_trien развити^ розвитк^ развитие αναπτυξης تنمية التنمية توسعه פיתוח विकास
  pembangunan
innovation: innovacion innovacao inovacao innovazione innovationen innovatie innovasjon innowacj^ inovace inovacije
  inovasyon инноваци^ інноваці^ καινοτομιας ابتكار نوآوری חדשנות
labor: labour trabajo trabalho travail lavoro arbeit arbeits arbeid arbete arbejds tyo pracy prace munkaugyi muncii
  calisma труд^ труда праці εργασιας العمل کار עבודה
employment: empleo emploi employ arbeitsmarkt beschaftigung zatrudnienia zaposljavanje istihdam занятост^ зайнятост^
  απασχολησης
management: mgmt gestion gestao gestione verwaltungs zarzadzani^ yonetim yonetimi rizeni manazmentu quan_ly pengurusan
  pengelolaan مديريت مدیریت ניהול
business: negocios empresarial empresariales empresariais geschafts biznes^ biznesu isletme бизнес^ επιχειρησεων اعمال
  الاعمال usaha kinh_doanh
company: empresa empresas compania companias companhia companhias compagnia compagnie compagnies cia cie entreprise
  entreprises impresa imprese unternehmen onderneming foretag foretaget virksomhed bedrijf bedrijven yhtio yritys
  przedsiebiorstw^ podnik^ vallalat vallalati intreprindere preduzec^ poduzec^ podjetje sirket sirketi ettevote imone
  uznemums empreses ndermarrje syarikat perusahaan doanh_nghiep компани^ компанія предприяти^ підприємств^ предузећ^
  επιχειρηση חברה חברת החברה कंपनी selskap selskapet bolag bolaget
group: grp groupe grupo grupos gruppe gruppo grup grupul grupa grupy gruppen grupp gruppan skupina skupiny csoport
  cegcsoport ryhma konzern concern concernul koncern^ toplulugu kumpulan tap_doan групп^ груп ομιλος ομιλου مجموعة
  المجموعة گروه קבוצה קבוצת समूह
holding: hldg hldgs holdings holdingi холдинг^ القابضة قابضة هلدینگ אחזקות
logistics: logistica logistique logistik logistiek logistyk^ logistika lojistik логистик^ логістик^ لوجستية لجستیک
  לוגיסטיקה
investment: investments inversion inversiones investimento investimentos investissement investissements investimenti
  investitionen investering investeringar inwestycj^ inwestycyjn~ investic investicn~ investicij^ yatirim yatirimlari
  инвестици^ инвестиционн~ інвестиці^ επενδυσεων استثمار الاستثمار استثمارات سرمایه_گذاری השקעות dau_tu pelaburan
  investasi
export: exports exportacion exportacao esportazione ihracat
project: projects proyecto proyectos projeto projetos projet projets progetto progetti
workshop: werkstatt
"""

QUALIFIERS = """
international: intl internat internacional internacionales internacionais internationale internationaler
  internationales internationaux internationella internationell internasjonal internasjonale internazionale
  internazionali internationaal internationalt miedzynarodow~ mezinarodn~ medzinarodn~ mednarodn~ medunarodn~
  medjunarodn~ nemzetkozi kansainvalinen uluslararasi rahvusvaheline tarptautin^ tarptautinis tarptautine
  starptautiska starptautiskais nazioarteko nazioartekoa althjodlega nderkombetar antarabangsa internasional quoc_te
  международн~ міжнародн~ международна међународн~ халықаралық διεθνες διεθνης διεθνους دولي دولية الدولية الدولي
  بین_المللی בינלאומי בינלאומית अंतर्राष्ट्रीय
general: generale generaux generales geral gerais allgemeine allgemeiner allgemeines allgemeinen algemene algemeen
  allmanna ogoln~ vseobecn~ obsten^ opsta opsti altalanos genel umum yleinen общ~ загальн~ عام כללי
public: publique publiques publico publica publicos publicas pubblico pubblica pubblici offentlig offentliga
  offentlige offentliche offentlicher openbare openbaar publiczn~ verejn~ kozszolgalati javn~ javna kamu halk avalik
  viesoji publike julkinen awam публичн~ публічн~ общественн~ громадськ~ обществен~ δημοσιο δημοσια عمومی العامة
  ציבורי ציבורית
private: privada privado privadas privata privato privee prive privat particuliere prywatn~ soukrom~ sukromn~ ozel
  частн~ приватн~ ιδιωτικο خصوصي פרטי swasta tu_nhan
free: libre libres libera livre freie freier freies freien vrije woln~ svobodn~ свободн~ вільн~ ελευθερο آزاد حرة
autonomous: autonoma autonomo autonome autonomica avtonomn~ автономн~ autonomna
central: centrale centrales centrais centraux centralt centraal zentral zentrale centraln~ kozponti centralna merkez
  merkezi центральн~ централн~ κεντρικη κεντρικο مركزي مرکزی המרכזי
center: centre centres centers centro centros centri centrum centret centrul centru centar centra senter senteret
  zentrum zentren centri^ keskus keskuksen kozpont kozpontja keskuse centras zentroa zentro midstod qender qendra
  pusat trung_tam центр^ центар^ орталығы κεντρο κεντρου مركز المركز مراكز مرکز מרכז המרכז केंद्र
north: northern norte nord norra nordre noord noorder nordlich nordliche polnocn~ severn~ eszaki kuzey pohjois utara
  север севера северо северн~ північн~ βορεια شمال الشمالية הצפון צפון mien_bac
south: southern sul sud sudliche zuid zuider sodra syd poludniow~ jizn~ juzn~ guney etela selatan юг южн~ південн~
  νοτια جنوب الجنوب الجنوبية הדרום דרום mien_nam
east: eastern oriental orientale oriente ost oost ostra ostre wschodni^ vychodn~ istocn~ keleti dogu timur восток
  восточн~ східн~ ανατολικη شرق الشرق الشرقية מזרח
west: western occidental occidentale occidente ouest oeste vastra vestre zachodni^ zapadn~ zahodn~ nyugati lansi barat
  запад западн~ західн~ δυτικη غرب الغرب الغربية מערב
new: nuevo nueva nouveau nouvelle nuova nuovo neue neuer neues neuen nieuwe nowy nowe nowa yeni uusi нов~ νεα νεο جديد
  الجديدة جدید החדש baru
saint: st sainte sankt sint szent swieteg^ swietej svateho svete svetog свят^ αγιου سانت
united: unidos unidas vereinigte verenigde forenade forente zjednoczon~ egyesult birlesik объединенн~ об'єднан~
  المتحدة המאוחדת bersatu
republic: republica republik republiki republiky republique repubblica republika republike respublika respublikasi
  cumhuriyeti республик^ республіки δημοκρατια جمهورية جمهوری
catholic: catholique catolica catolico cattolica katholische katholieke katolsk katolick~ katolicka katolikus katolik
  католическ~
protestant: evangelical evangelische evangelisch evangelica evangelico evangelick~ ewangelick~ reformed reformatus
christian: christelijke christliche cristiana cristiano chretienne kristen
islamic: islamique islamica islami islamisch اسلامي اسلامية الاسلامية اسلامی исламск~ hoi_giao
pontifical: pontificia pontificio
open: abierta aberta ouverte offene oppna acik открыт~ відкрит~ المفتوحة הפתוחה terbuka
and: und et og och oraz և और และ
brothers: bros hermanos irmaos fratelli freres gebr gebruder gebroeders broderna bracia bratri kardesler братья إخوان
  اخوان
sons: hijos filhos figli fils sohne zonen soner synowie synove ogullari сыновья اولاد ابناء
associates: assoc asociados associados associes associati
department store: kaufhaus warenhaus
global: globale globales globaln~ глобальн~ عالمية
world: mundial monde mondial welt weltweit wereld mondiale mundo verden varlden maailma swiata swiatow~ svetov~ dunya
  миров~ світов~ عالم العالم العالمية
european: europea europeo europeenne europeen europaische europaischer europaisches europaischen europeia europeu
  europese europeisk europeiska europaiske europaisk europejsk~ evropsk~ europsk~ europai eurooppalainen europene
  европейск~ європейськ~ ευρωπαικο ευρωπαικη اوروبية اروپایی אירופי
"""

TABLES: tuple[str, ...] = (TRADE, QUALIFIERS)
