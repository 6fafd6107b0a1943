# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""What kind of body a name tells of, in some forty languages: university, hospital, ministry, bank, society.

Each paragraph is one English word (or a few), a colon, and the words of other languages that mean it, as they stand in
names. See :mod:`rules.normalizing.vocabulary` for the notation. A word that is also a brand or a surname somewhere is
left out.
"""

from __future__ import annotations

SCHOOLS = """
university: univ universities universite universites universidad universidades universidade universita universitat
  universitats universitaet universitaten universitets universiteit universitair universitaire universitario
  universitaria universitari universitet universitetet universitetets universitetas universiteto universitate
  universitatea universitatii universitates universitati universitadea universitas universiti universiteti
  universitetit univerzit^ univerzitet^ univerzitetsk~ univerziteta sveuciliste sveucilista univerza univerze
  uniwersytet^ uniwersyteck~ uniwersytecie yliopisto yliopiston ulikool ulikooli egyetem egyetemi egyeteme
  universitesi universitesinin unibertsitatea unibertsitate haskoli haskolinn ollscoil prifysgol dhaanshgaah daneshgah
  danishgah vishwavidyalaya vidyapeeth mahavidyalaya unibersidad университет^ университетск~ університет^ універзитет^
  универзитет^ універсітэт^ університетськ~ университеті πανεπιστημιο πανεπιστημιου πανεπιστημιακο جامعة جامعات جامعي
  دانشگاه אוניברסיטה אוניברסיטת विश्वविद्यालय
university applied science: fachhochschule hogeschool ammattikorkeakoulu ammattikorkeakoulun yrkeshogskola
  yrkeshogskolan
university: truong_dai_hoc dai_hoc vysoke_uceni tudomanyegyetem tudomanyegyetemi
institute: inst institutes institutet instituttet instituut instituto institutos istituto istituti institutul
  institutului institut^ instytut^ instytucie instituta ustav^ intezet intezete intezmeny enstitu enstitusu instituudi
  instituts institutas instituti institutit institutua institucio stofnun laitos pajouheshgah институт^ інститут^
  інстытут^ институты ινστιτουτο ινστιτουτου معهد المعهد مؤسسة מכון المعاهد संस्थान
college: colleges collegio colegio colegios colegiul collegi kolej koleji colegiu kolegium kolegia kolledz колледж^
  коледж^ колеџ^ κολλεγιο מכללה המכללה מכללת महाविद्यालय kolegji kolegija
school: schools schule schulen ecole ecoles escuela escuelas escola escolas scuola scuole skole skolen skola skolan
  skolor koulu koulun szkol^ szkola skol^ skolsk~ skoly iskola iskolaja scoala scolii okulu okullari eskola sekolah
  skoli mokykla mokyklos shkolla shkolle школ^ шкільн~ училищ^ училище σχολη σχολης σχολειο مدرسة مدارس مدرسه בית_ספר
  विद्यालय
university: hochschule hochschulen hogskola hogskolan hogskole hogskolen hojskole hojskolen korkeakoulu visoka_skola
  visokaskola foiskola augstskola augstskolas korgkool vysoka_skola
academy: academie academia academies accademia akademie akademien akademi akademisi akademia akademii akademija
  akademije akademiet akademin akademiya akademian akademiai academiei academiae akadeemia академи^ академичн~
  академическ~ академіч~ академія академії ακαδημια ακαδημιας اكاديمية آکادمی אקדמיה acadamh अकादमी
faculty: facultad facultades faculdade faculdades facolta faculte facultes fakultat fakultaet fakulteit fakultet^
  fakult^ fakulta fakulty fakultesi faculteit facultatea facultate fakultetet fakultas fakulteta wydzial^ tiedekunta
  teaduskond факультет^ факулте^ факултет^ كلية دانشکده הפקולטה פקולטה
department: dept departments departement departamento departamentos dipartimento dipartimenti departament^
  departementet avdelning avdeling avdelingen afdeling afdelingen abteilung osasto katedr^ katedra tanszek bolumu
  oddelek odsjek odeljenje tmima кафедр^ департамент^ отдел^ відділ^ τμημα τμηματος قسم دائرة מחלקה המחלקה jabatan
laboratory: lab labs laboratories laboratoire laboratoires laboratorio laboratorios laboratori laborator laboratorul
  laboratorium laboratoriet laboratoriya laboratorija laboratorije laborator^ laboratuvari laboratuvar laboratorie
  лаборатори^ лабораторн~ лабораторія лабораторії εργαστηριο εργαστηρια مختبر مختبرات آزمایشگاه מעבדה מעבדות makmal
  प्रयोगशाला
library: libraries bibliotheque bibliotheques biblioteca bibliotecas bibliothek bibliotheek bibliotek biblioteket
  bibliotekos biblioteka biblioteki bibliotek^ knihovna knihovny kniznica kniznice knjiznica knjiznice konyvtar
  konyvtara kutuphanesi kutuphane kirjasto raamatukogu bokasafn leabharlann библиотек^ бібліотек^ βιβλιοθηκη
  βιβλιοθηκης مكتبة کتابخانه ספרייה ספריה הספרייה perpustakaan पुस्तकालय
museum: museums musee musees museo museos museu museus museet museer muzeum^ muzeul muzeu muzej muzeji muzeja muzesi
  muze museoa museon muuseum muziejus muzejs musea muzeo muzeumok safn музе^ музей музею музеї μουσειο μουσειου متحف
  موزه מוזיאון מוזאון המוזיאון muzium संग्रहालय
archive: archives archivo archivos archivio arquivo arquivos archief archiv arkiv arkivet archiwum leveltar arsivi
  архив^ архів^ αρχειο ארכיון الارشيف ارشيف
gallery: galeria galerie galleria galerij galleriet galeriju галере^ galerisi galerija
kindergarten: barnehage przedszkole детский_сад
high school: liceo lycee lycees liceu gymnasium gymnasiet gimnazjum gimnazija gimnazium lyseo liceul лице^ гимнази^
  гімназі^ λυκειο γυμνασιο ثانوية
polytechnic: polytechnique polytechnics politecnico politecnica politecnic politehnica politechnik^ politechniki
  politechnika polytechnische polytechnischen polytechniki polytechneio politeknik politehnic polytechnio
  политехническ~ політехнічн~ политехник^ πολυτεχνειο πολυτεχνειου پلی_تکنیک politecnika
student: students estudiantes estudantes etudiants studenten studenti studentov студент^
teacher: teachers profesores professores enseignants ucitelj учител^
alumni: absolventen exalumnos
"""

CARE = """
hospital: benh_vien hosp hospitals hopital hopitaux hospitalier hospitaliere hospitaliers hospitales hospitalario
  hospitalaria hospitalar ospedale ospedali ospedaliera ospedaliero ospedaliere krankenhaus krankenhauser spital
  spitalul spitalului ziekenhuis ziekenhuizen sykehus sykehuset sygehus hospitalet sjukhus sjukhuset sairaala
  sairaalan szpital^ nemocnic^ nemocnice korhaz korhaza bolnic^ bolnica bolnisnica hastanesi hastane hastaneleri
  haigla ligonine slimnica spitali ospitalea hospitalea sjukrahus ospideal rumah_sakit больниц^ госпитал^ лікарн^
  болниц^ болница νοσοκομειο νοσοκομειου مستشفى مستشفيات بیمارستان בית_חולים ביהח अस्पताल bimaristan
clinic: clinics klinik kliniken klinikum clinica clinicas clinique cliniques kliniek kliniikka klinika kliniki klinik^
  poliklinika policlinico policlinica klinigi clinical clinico clinicos klinicn~ kliniczn~ клиник^ клініка клиническ~
  клінічн~ поликлиник^ κλινικη κλινικης عيادة کلینیک מרפאה קליניקה klinikken
university hospital: universitatsklinikum universitaetsklinikum universitatskliniken universitatsspital
  universitatsklinik uniklinik uniklinikum universitetssjukhus universitetssjukhuset universitetssykehus
  universitetshospital yliopistosairaala universitetssygehus
pharmacy: farmacia farmacias pharmacie apotheke apotek apteka apteki lekarna ljekarna gyogyszertar аптек^ eczane
  φαρμακειο صيدلية داروخانه
pharmaceutical: pharma pharmaceuticals pharmaceutique pharmaceutiques farmaceutica farmaceutico farmaceutici
  farmaceutiche farmaceutisk farmaceuticas farmaceuticos pharmazeutische farmaceutyczn~ farmaceutick~ фармацевтическ~
  фармацевтичн~
nursing: enfermeria enfermagem pflege
dental: dentistry odontologia odontologica stomatologi^ стоматолог^ zahnmedizin
veterinary: veterinaria veterinario veterinaire tierarztliche veterinarn~ weterynar~ ветеринарн~
rehabilitation: rehabilitacion reabilitacao rehabilitacji реабилитаци^
"""

STATE = """
national: natl nacional nacionales nacionais nacionalni nazionale nazionali nationale nationales nationaux nationaal
  nationella nationell nasjonal nasjonale nasjonalt nationalt nationalen nationaler narodn~ narodow~ narodni narodny
  nemzeti kansallinen kansallis valtakunnallinen ulusal milli nationala nacionaln~ nacionalinis nacionaline nacionala
  riiklik rahvuslik kombetar kombetare nazional kebangsaan nasional quoc_gia национальн~ національн~ национална
  народн~ нацыянальн~ ұлттық εθνικο εθνικη εθνικης εθνικου εθνικων وطني وطنية قومي ملي ملی לאומי לאומית राष्ट्रीय
  rashtriya milliy
federal: federale federaal federales federais federala federaln~ bundes federatif федеральн~ федерална اتحادي फेडरल
state: estatal estadual estado estados staat staats staatliche staatlicher staatliches staatlichen statale stato stati
  etat etats statens statlig panstwow~ statn~ drzavn~ drzava allami valtion riigi devlet devleti statului valstybinis
  valstybine valsts shteteror estatu negeri negara nha_nuoc государственн~ державн~ държавн~ дзяржаўн~ мемлекеттік
  κρατικο κρατικη دولتی الدولة ממלכתי ממלכתית
royal: royale royaux koninklijk koninklijke konigliche koniglicher koniglich kongelig kongelige kunglig kungliga
  krolewsk~ kralovsk~ kraljevsk~ kuninkaallinen kiralyi diraja королевск~ королівськ~ кралск~ βασιλικο βασιλικη ملكي
  ملكية מלכותי
regional: regionale regionales regionais regionaal regionala regionaln~ regionalt bolge bolgesi aluehallinto
  региональн~ регіональн~ περιφερειακο περιφερειακη اقليمي אזורי
region: regione regioni regionen regiao comarca kraj maakunta periferia region^ регион^ регіон^ oblast oblasti област^
  περιφερεια περιφερειας
province: provincia provincias provincie provincial provinciale provinciaal provinz wojewodztwo wojewodzk~ wilayah
  propinsi provinsi провинци^ провінці^ επαρχια محافظة استان محافظات
municipal: municipais municipales municipale municipaux munisipal kommunal kommunale kommunala stadtische stadtischer
  stadtisches stadtischen staedtische gemeentelijk miejsk~ mestsk~ obecn~ gradsk~ obcinsk~ varosi onkormanyzati
  belediyesi kunnallinen comunale comunali communal communale communaux gmina gminn~ муниципальн~ муніципальн~
  городск~ міськ~ градск~ общинск~ δημοτικο δημοτικη بلدية בלدي עירוני עירונית
municipality: ayuntamiento ajuntament prefeitura municipio municipios municipalidad municipalidade mairie comune
  gemeinde gemeente kommune kommun kommunen belediye obec opcina obcina opstina onkormanyzat onkormanyzata primariei
  savivaldybe savivaldybes pasvaldiba municipalite udaletxea concello bashkia муниципалитет^ общин^ громад^ δημος
  δημου شهرداری עיריית majlis_perbandaran kotamadya
city: stadt stad staden ciudad ciudades cidade cidades citta ville miasto miasta gorod varos varosa sehir sehri
  buyuksehir kaupunki kaupungin byen miesto miesta pilseta pilsetas thanh_pho город^ місто міста πολη πολης مدينة העיר
  नगर
metropolitan: metropolitana metropolitano metropolitaine столичн~
county: comte condado contea landkreis fylke fylkeskommune fylkeskommunen megye megyei judetul judetean zupanija
  novads apskritis
district: distrito distretto bezirk bezirks arrondissement okrug^ okres^ obwod^ powiat powiatow~ ilcesi kerulet район^
  районн~ округ^ окружн~ daerah kecamatan raion raionul منطقة ناحيه distrikt distriktet rajon
village: aldea aldeia dorf
ministry: ministerio ministerios ministere ministero ministerium bundesministerium ministerie ministeriet ministerstw^
  ministerstv^ ministerului ministerul ministeri ministeriya ministerija ministeerium miniszterium miniszteriuma
  bakanligi bakanlik ministrstvo ministrija ministria kementerian kementrian bo_giao_duc министерств^ міністерств^
  министерство міністэрства υπουργειο υπουργειου وزارة وزارت משרד मंत्रालय
agency: agencia agencias agence agences agenzia agenzie agentur agentschap agencja agencji agentura agencija agencije
  agentuur ugynokseg ugynoksege ajansi ajans agentia agentiei byra byraet styrelsen styrelse virasto agjencia agensi
  агентств^ агенци^ агенція агенції οργανισμος οργανισμου وكالة سازمان סוכנות
authority: authorities autoridad autoridade autorita autorite behorde behoerde autoriteit myndighet myndigheten
  viranomainen urzad^ urzedu urad^ uradu hatosag kurumu autoritatea управлени^ управлінн^ управа управление αρχη هيئة
  الهيئة רשות הרשות lembaga tilsyn
office: amt bureau biuro ured irodaja ofisi oficina escritorio ufficio kontor kontoret офис^ бюро toimisto γραφειο
  مكتب دفتر מטה pejabat
federal office: bundesamt bundesanstalt
state office: landesamt landesanstalt
council: consejo conselho consiglio conseil consell raad radet neuvosto vijece vece tanacs tanacsa konsey konseyi
  consiliul consiliului noukogu taryba padome kontseilua keshilli zastupitelstvo совет^ рада съвет^ савет^ συμβουλιο
  συμβουλιου مجلس شورای شورا מועצה המועצה מועצת majlis dewan hoi_dong परिषद parishad
government: govt governo gobierno gouvernement regierung regering regeringen governmental vlada vlady kormany hukumet
  hukumeti guvernul valitsus hallitus vyriausybe valdiba qeveria правительств^ уряд^ κυβερνηση حكومة الحكومة دولت
  ממשלת ממשלה kerajaan pemerintah chinh_phu सरकार
parliament: parlamento parlement parlamentul parlamentti bundestag sejm riksdag stortinget folketing parlament^
  парламент^ βουλη البرلمان כנסת
police: policia polizia polizei politie politi politiet polisen poliisi policj^ policie policijs policija rendorseg
  politia politiei polici^ полици^ полиция поліці^ αστυνομια شرطة الشرطة پلیس משטרה משטרת cong_an पुलिस
fire: feuerwehr bomberos bombeiros pompiers pompieri brandweer pozarn~ strazacka vatrogasn~ пожарн~
court: courts tribunal tribunaux tribunales tribunale gericht gerichtshof rechtbank domstol domstolen tuomioistuin
  birosag birosaga mahkemesi mahkeme tribunalul curtea kohus teismas tiesa gjykata mahkamah pengadilan toa_an суд суда
  δικαστηριο محكمة المحكمة دادگاه בית_משפט ביהמש अदालत
justice: justicia justica giustizia justitie justiz sprawiedliwosci pravosudi юстици^ юстиція δικαιοσυνη العدل
  דادگستری
army: armee ejercito exercito esercito
defense: defence defensa defesa difesa verteidigung defensie forsvar forsvaret forsvars obron^ obrony obrana obrany
  honvedelmi savunma aparare оборон^ αμυνα دفاع الدفاع ביטחון pertahanan
embassy: embajada embaixada ambasciata ambassade botschaft ambasada ambasady посольств^ πρεσβεια سفارة שגרירות
administration: administracion administracao amministrazione verwaltung bestuur administracj^ hallinto администраци^
  адміністраці^ διοικηση ادارة الادارة מנהל
commission: comision comissao commissione kommission komisja komise komisija komisyonu комисси^ комісі^ επιτροπη لجنة
committee: comite comitato komitee komitet^ vybor комитет^ комітет^ komitesi اللجنة ועדה
secretariat: sekretariat secretariado секретариат^ секретаріат^
services: svcs svc service servicio servicios servico servicos servizi servizio dienst sluzb^ tjeneste tjenesten
  служб^ υπηρεσια خدمة
"""

BODIES = """
bank: banks banque banques banco bancos banca banche banken bankasi banki banku bankow~ banka banky banc panka pank
  bankinn pankki банк^ банковск~ банківськ~ τραπεζα τραπεζης بنك البنك مصرف المصرف بانک בנק ngan_hang बैंक bankas
savings bank: sparkasse sparkassen sparebank sparebanken sparbank sparbanken saastopankki takarekpenztar
insurance: assurance assurances seguro seguros assicurazione assicurazioni versicherung versicherungen versicherungs
  verzekering verzekeringen forsakring forsakringar forsikring forsikringen vakuutus vakuutusyhtio ubezpieczen
  ubezpieczenia pojistovna pojistovny poistovna poistovne biztosito osiguranje zavarovalnica sigorta sigortasi
  asigurari kindlustus draudimas apdrosinasana asuransi takaful insurans bao_hiem страхован^ страхов~ застраховане
  застрахователн~ ασφαλιστικη ασφαλειες تامين التامين بیمه ביטוח बीमा
foundation: foundations fundacion fundaciones fundacao fundacio fundazioa fondation fondations fondazione stiftung
  stiftungen stichting stiftelse stiftelsen fonden saatio saation fundacj^ fundacja nadace nadacia nadacni alapitvany
  alapitvanya zaklada zaduzbina fundatia fundatiei vakfi vakif sihtasutus fondacioni yayasan фонд^ фондация фундаци^
  ιδρυμα ιδρυματος بنیاد קרן קרנות फाउंडेशन
fund: fondo fondos fundo fonds fond rahasto fondul
association: assn associacion asociacion asociaciones associacao associacoes associazione associazioni verein verband
  vereinigung vereniging forening foreningen yhdistys stowarzyszen^ stowarzyszenie sdruzen^ zdruzeni^ asociace
  asociacia asociatia asociatiei egyesulet egyesulete udruzenje udruga zdruzenje dernek dernegi uhing asociacija
  biedriba elkartea associacio shoqata persatuan asosiasi hiep_hoi ассоциаци^ асоціаці^ асоциаци^ объединени^
  об'єднання сдружение удружење συλλογος συλλογου جمعية الجمعية انجمن אגודה אגודת עמותה संघ perkumpulan
federal association: bundesverband
society: societies societe societes sociedad sociedade sociedades societa societat gesellschaft genootschap sallskapet
  sallskap seura seuran towarzystw^ tarsasag tarsasaga drustvo drustva societatea societatii cemiyeti selts draugija
  shoqeria обществ^ товариств^ дружеств^ друштв^ εταιρεια εταιρειας
union: unions unione uniao sindicato sindicatos syndicat syndikat gewerkschaft vakbond fackforbund fagforbund liitto
  zwiaz^ zwiazek zwiazku svaz svazu zvaz zvazu szakszervezet sindikat sindikata zveza birlik birligi sendikasi uniunea
  sindicatul liit sajunga savieniba kesatuan союз^ съюз^ спілк^ савез^ профсоюз^ σωματειο اتحاد الاتحاد نقابة اتحادیه
  איגוד הסתדרות
federation: federacion federacao federazione foderation federatie federaci^ federasjon federace federacja federacia
  federacija federasyonu federatia foderatsioon forbund forbundet szovetseg szovetsege savez verbond federatsioon
  федераци^ федерація федерации ομοσπονδια התאחדות
confederation: confederacion confederacao confederazione konfoderation konfederacj^ конфедераци^ konfederasyonu
chamber commerce: camera_di_commercio camera_de_comert
chamber: izba izby izbie camara chambre kammer kamer kammaren komora komory kamara odasi kauppakamari rumai палат^
  επιμελητηριο غرفة الغرفة اتاق לשכת
league: liga ligue
club: clube clubes clubul klub^ klubben kulubu kerho клуб^ نادي باشگاه מועדון
church: eglise iglesia igreja chiesa kirche kerk kyrka kyrkan kirke kirken kirkko kosciol kosciola cirkev crkva
  templom kilisesi biserica kirik церк^ εκκλησια كنيسة כנסייה gereja
parish: paroquia parroquia paroisse pfarrei parafia farnost приход
diocese: diocesis eparchia bistum bisdom diecezja biskupia епархи^
mosque: mezquita moschee masjid мечет^
monastery: monasterio kloster klasztor klaster manastir монастыр^
cooperative: cooperativa cooperativas coop genossenschaft cooperatie spoldzielni^ spoldzielnia druzstvo zadruga
  szovetkezet kooperatifi osuuskunta andelslag кооператив^ συνεταιρισμος تعاونية koperasi
park: parque parc parco puisto парк^
zoo: zoologico zoologique tiergarten
theater: theatre theatres teatro teatru teatr^ divadlo divadla szinhaz szinhaza kazaliste pozoriste gledalisce
  tiyatrosu teater teatteri театр^ θεατρο مسرح תיאטרון teatri teatrul
orchestra: orquesta orquestra orchestre orchester orkest orkestr^ оркестр^
national bank: nationalbank
national museum: nationalmuseum nationalmuseet
national library: nationalbibliothek nationalbibliotek nasjonalbiblioteket
state museum: landesmuseum staatsmuseum
city museum: stadtmuseum stadsmuseum stadmuseum
art museum: kunstmuseum konstmuseum taidemuseo kunstimuuseum
natural history museum: naturmuseum naturkundemuseum
university library: universitatsbibliothek universitetsbibliotek universitetsbiblioteket universiteitsbibliotheek
state library: landesbibliothek staatsbibliothek
academy science: akademie_ved akademia_vied akademia_nauk академия_наук академии_наук академія_наук akademiya_nauk
research institute: forschungsinstitut forschungsinstituts forskningsinstitut forskningsinstitutet onderzoeksinstituut
  kutatointezet kutatointezete tutkimuslaitos нии
research center: forschungszentrum forskningscenter forskningssenter onderzoekscentrum kutatokozpont tutkimuskeskus
research foundation: forschungsgemeinschaft forschungsstiftung
"""

TABLES: tuple[str, ...] = (SCHOOLS, CARE, STATE, BODIES)
