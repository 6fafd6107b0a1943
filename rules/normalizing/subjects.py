"""What a body in a name is about: science, health, art and other fields of learning and care.

Written as :mod:`rules.normalizing.institutions` is.
"""

from __future__ import annotations

LEARNING = """
research: recherche recherches investigacion investigaciones pesquisa pesquisas investigacao ricerca ricerche
  forschung forschungs onderzoek forskning forsknings tutkimus tutkimuksen badawcz~ badan badania vyzkum^ vyskum^
  vyzkumn~ vyskumn~ kutatasi kutato kutatas cercetare cercetari istrazivanja istrazivack~ raziskave raziskovaln~
  arastirma arastirmalari arastirmalar teadusuuringute tyrimu tyrimai petijumu petniecibas recerca ikerketa rannsokn
  kerkimeve penyelidikan penelitian riset nghien_cuu исследован^ исследовательск~ дослідженн^ дослідн~ изследван^
  истраживањ^ научно_исследовательск~ ερευνα ερευνας ερευνων بحوث ابحاث البحث پژوهش پژوهشی پژوهشگاه تحقیقات מחקר המחקר
  अनुसंधान शोध
science: sciences scientific scientist scientifique scientifiques ciencia ciencias cientifica cientifico cientificas
  cientificos scienza scienze scientifica scientifico scientifiche wissenschaft wissenschaften wissenschaftliche
  wissenschaftlicher wissenschaftlichen wissenschafts wetenschap wetenschappen wetenschappelijk vetenskap vetenskaper
  vetenskapliga vetenskaps videnskab videnskabernes vitenskap vitenskapelige vitenskaps tiede tieteen tieteellinen
  tieteiden nauk nauki naukow~ vedeck~ tudomany tudomanyi tudomanyos tudomanyok stiinta stiinte stiintifica stiintific
  stiintelor znanost^ znanstven~ nauka nauke naucn~ bilim bilimler bilimleri bilimsel teaduste teadus mokslo mokslu
  moksliniu zinatnu zinatnes zinatniska ciencies zientzia zientzien visindi shkenca shkencave sains ilmu ilmiah
  khoa_hoc наук наука науки науките науків наукам науков~ научн~ научно ғылым ғылыми επιστημη επιστημων επιστημης
  επιστημονικο علوم العلوم علمي علمية علم علمی מדע מדעים מדעי המדע विज्ञान
technology: tech technologies technological technologie tecnologia tecnologias tecnologie tecnologico tecnologica
  tecnologicos tecnologicas technologique technologiques technologien technologisch technologische technologii
  technologiczn~ technologick~ teknologi teknologisk teknologiske teknologian teknologia teknologiateollisuus
  teknologji tehnologie tehnologii tehnologic tehnologij^ tehnologija tehnologije tehnoloski tehnoloska teknoloji
  teknolojileri teknolojisi teknologika tehnoloogia tehnologijos technologijos technologiju tehnologiju technologia
  cong_nghe технологи^ технологическ~ технологічн~ технологии τεχνολογια τεχνολογιας τεχνολογιων تكنولوجيا التكنولوجيا
  تقنية التقنية تقنيات فناوری טכנולוגיה טכנולוגי הטכנולוגי טכנולוגיות प्रौद्योगिकी
technical: technic technique techniques tecnica tecnico tecnicas tecnicos tecniche tecnici technisch technische
  technischer technisches technischen technik technika techniki techniczn~ technick~ technikum teknisk tekniska
  tekniske tekniikan tekniikka teknillinen teknillisen teknik teknikal tehnic tehnica tehnicka tehnick~ tehnicn~
  tehnika tehnikaulikool muszaki tehnikas technikos technikes ky_thuat bach_khoa техническ~ технічн~ техничк~ техника
  техники техніки техникум^ τεχνικη τεχνικο τεχνικων فني فنية فنی טכני
medical: medicine medecine medicale medicales medicaux medicina medico medica medicos medicas mediche medizin
  medizinische medizinischer medizinisches medizinischen medizinisch medische medisch geneeskunde medicinska medicinsk
  medisinske medisinsk medisin laaketieteen laaketieteellinen medyczn~ medycyn^ lekarsk~ medicinsk~ lekarska
  orvostudomanyi orvosi medicala medicinei medicinos medicinas mediku meditsiini tip_fakultesi saglik_bilimleri
  mjekesi mjekesore perubatan kedokteran y_hoc y_khoa y_duoc медицинск~ медичн~ медицин^ мединститут ιατρικη ιατρικης
  ιατρικο طب طبي طبية الطبية الطب پزشکی רפואי רפואית רפואה רפואיים चिकित्सा आयुर्विज्ञान
health: sante salud saude salute sanita sanitaria sanitario sanitarias gesundheit gesundheits gezondheid
  gezondheidszorg halsa halso halsovard sundhed sundheds helse terveys terveyden zdrowia zdrowie zdrowotn~ zdravi
  zdravotni zdravotnick~ zdravotnictvi zdravia zdravlja zdravstven~ zdravje egeszseg egeszsegugyi sanatate sanatatii
  saglik sagligi tervise sveikatos veselibas salut osasun heilbrigdis shendet shendetesise kesihatan kesehatan y_te
  suc_khoe здоровь^ здоровья здравоохранени^ здоров'я здравеопазване здравствен~ здрављ^ υγεια υγειας υγειονομικη صحة
  الصحة صحية بهداشت בריאות הבריאות स्वास्थ्य
engineering: ingenieria engenharia ingegneria ingenierie ingenieurs ingenieurwesen ingeniorhojskole inzyniersk~
  inzynieri^ inzenyrstvi inzenyrsk~ inzinierstva inzenirstvo inzenjer^ mernoki inginerie ingineriei muhendislik
  muhendisligi insinooritieteiden inseneri inzinerijos inzenerzinatnu inginierise enginyeria ingeniaritza kejuruteraan
  rekayasa инженерн~ инженери^ інженерн~ инжењерств^ μηχανικων μηχανικη هندسة الهندسة مهندسی הנדסה अभियांत्रिकी
physics: physique fisica physik natuurkunde fysik fysikk fysiikan fizyk^ fyzik^ fyziky fizika fizikai fizicke fizik
  fuusika fizikos fizikas физик^ физическ~ фізик^ φυσικη φυσικης فيزياء فیزیک פיזיקה भौतिकी physical
chemistry: chemical chimie quimica quimico chimica chemie chemische kemisk kemian chemii chemiczn~ chemick~ kemia
  kemiai hemij^ kemije kimya keemia chemijos kimijas kimia hoa_hoc хими^ химическ~ хімі^ хімічн~ χημεια χημειας كيمياء
  شیمی כימיה रसायन
biology: biological biologie biologia biologica biologicas biologico biologische biologi biologian biologii
  biologiczn~ biologick~ biologij^ biyoloji biologijos biologijas bioloska sinh_hoc биологи^ биологическ~ біологі^
  βιολογια احياء زیست_شناسی ביולוגיה
mathematics: mathematical mathematiques matematica matematicas matematiche mathematik wiskunde matematik matematikk
  matematiikan matematyk^ matematyki matematiky matematika matematikai matematike matematikos математик^ математическ~
  μαθηματικων رياضيات ریاضی מתמטיקה गणित
economics: economic economy economie economiques economique economia economicas economica economico economiche
  wirtschaft wirtschafts wirtschaftswissenschaften okonomie economische ekonomi ekonomiska ekonomisk okonomi okonomisk
  talous taloustieteiden ekonomii ekonomiczn~ ekonomick~ ekonomiky gazdasagi kozgazdasagi kozgazdasagtudomanyi
  stiinte_economice ekonomij^ ekonomsk~ iktisat iktisadi ekonomik majandus ekonomikos ekonomikas kinh_te экономик^
  экономическ~ економічн~ икономическ~ економск~ οικονομικων οικονομικο οικονομιας اقتصاد اقتصادية الاقتصاد כלכלה
law: legal droit derecho direito diritto giurisprudenza recht rechts rechtswissenschaft rechten juridique juridica
  juridico rettsvitenskap oikeustieteen prawa prawo prawn~ prava pravnick~ pravni pravn~ drept dreptului hukuk oigus
  teises tiesibu dret zuzenbide undang_undang hukum luat юридическ~ юридичн~ права правов~ правн~ νομικη νομικης قانون
  حقوق القانون משפטים משפט
history: historical historia historico historica histoire historique storia storico storica geschichte geschichts
  geschiedenis historie historisk historiska historiske historian historii historyczn~ historick~ torteneti tortenelmi
  istorie istoriei povijest povijesn~ istorij^ istorijsk~ zgodovina zgodovinsk~ tarih tarihi ajaloo istorijos vestures
  sejarah lich_su истори^ историческ~ історі^ історичн~ ιστορια ιστοριας ιστορικο تاريخ تاریخ היסטוריה इतिहास
natural history: naturgeschichte naturkunde
culture: cultural culturel culturelle culturels cultura culturale culturales kultur kulturelle kulturen cultuur
  kulturell kulttuuri kulttuurin kultur^ kultury kulturaln~ kulturn~ kultura kulturalis culturii culturala kulture
  kulturni kulturu kultuuri kulturos kulturas budaya kebudayaan van_hoa культур^ культурн~ πολιτισμου πολιτισμος
  πολιτιστικο ثقافة الثقافة ثقافي فرهنگ فرهنگی תרבות संस्कृति
art: arts artes arte artistic kunst kunste kunsten konst konstnarliga kunster taide taiteen sztuk sztuki umeni umenia
  umeleck~ muveszeti muveszet artei artelor umjetnost^ umetnost^ sanat sanatlar sanatlari kunstide menas dailes
  makslas artea nghe_thuat искусств^ искусства мистецтв^ изкуств^ уметност^ τεχνων τεχνης فنون الفنون فن هنر אמנות
  אומנות कला
fine art: bellas_artes beaux_arts belas_artes belle_arti
music: musical musique musica musik muziek musikk musiikki muzyk^ muzyczn~ hudby hudebni hudobn~ zenei zenemuveszeti
  muzica muzicki glazbe glasbe glasbena muzik muuzika muusika muzikos muzikas музык^ музыкальн~ музичн~ μουσικη موسيقى
  موسیقی מוזיקה muzika
theology: theological theologie teologia teologica teologico theologische teologi teologiczn~ teologick~ teoloji
  теологическ~ ilahiyat theologisches θεολογικη لاهوت
education: educational educacion educacao educativo educativa educativas educacional educazione istruzione bildung
  bildungs enseignement ensenanza ensino educatif erziehung padagogische paedagogische onderwijs utbildning
  utbildnings uddannelse undervisning utdanning kasvatus koulutus opetus edukacj^ edukacyjn~ oswiaty pedagogiczn~
  vzdelavani vzdelavania pedagogick~ oktatasi oktatas nevelesi invatamant educatie educatiei obrazovan^ obrazovanje
  izobrazevanje pedagosk~ egitim egitimi hariduse haridus svietimo izglitibas educacio hezkuntza menntun arsim arsimit
  pendidikan pelajaran giao_duc su_pham образовани^ образовательн~ освіт^ освітн~ образование образовањ^ просвет^
  педагогическ~ педагогічн~ εκπαιδευση εκπαιδευσης παιδειας تعليم التعليم تربية التربية آموزش آموزشی חינוך החינוך
  शिक्षा pedagogical pedagogica formation formacion formazione
training: ausbildung opleiding opleidingen
social: sociale sociales sociais sociala sosial sosiale sozial soziale sozialen sosiaali spoleczn~ socialn~ szocialis
  sosyal sotsiaal socialines социальн~ соціальн~ социалн~ κοινωνικων κοινωνικη κοινωνικο اجتماعية اجتماعي סוציאלי
  xa_hoi
natural: naturelle naturelles naturales naturali naturais naturwissenschaften prirodn~ przyrodnicz~ природн~
nature: natur natuur luonnon przyrody prirody prirode
applied: aplicada aplicadas aplicado appliquee appliquees applicata applicate angewandte angewandter toegepaste
  tillampad anvendt stosowan~ aplikovan~ primenjen~ primijenjen~ uporabn~ aplicate uygulamali прикладн~ alkalmazott
  soveltava εφαρμοσμενων تطبيقية
advanced: avanzados avanzada avancados avances avancees avanzati fortgeschrittene
study: studies estudios estudos etudes studi studien studier studiow دراسات الدراسات מחקרים
space: espacial espaciales espace spaziale spazio raumfahrt ruimtevaart kosmiczn~ kosmick~ uzay космическ~ космічн~
  فضاء فضایی החלל
nuclear: nucleaire nucleaires nucleare nucleari nuklear nukleer jadrow~ jadern~ jadrov~ nuklearn~ ядерн~ atom atomic
  atomowej πυρηνικη نووي הגרעיני
cancer: oncology oncologia oncologie onkologi^ onkologiczn~ onkologick~ krebs krebsforschung cancerologie kanser
  онкологи^ онкологическ~ سرطان السرطان
children: childrens child ninos crianca criancas infantil enfants enfant infants kinderen barnens lasten dzieci
  dzieciec~ deti detsk~ gyermek copii copiilor djecj~ decj~ otroci cocuk cocuklar детск~ дитяч~ детей παιδων اطفال
  الاطفال کودکان ילדים
women: womens mujer mujeres mulher mulheres femmes femme donne frauen vrouwen kvinnor kvinder kvinner naisten kobiet
  kadin женщин المراة نساء נשים
youth: jeunesse juventud juventude gioventu jugend jeugd ungdom nuoriso mlodziezy mladeze mladih gencler genclik
  молодеж^ молоді شباب הנוער
"""

TABLES: tuple[str, ...] = (LEARNING,)
