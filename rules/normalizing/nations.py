# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Countries and what belongs to them, as words inside names, and the small words (of, the, and) of many languages.

COUNTRIES and PEOPLES are written as :mod:`rules.normalizing.institutions` is.
"""

from __future__ import annotations

COUNTRIES = """
germany: deutschland deutschlands alemania alemanha allemagne germania duitsland tyskland saksa niemcy niemiec nemecko
  nemacka almanya германия германии німеччина німеччини γερμανια المانيا ألمانيا آلمان גרמניה
france: francia frankreich frankrijk frankrike ranska francja francji francie fransa франция франции франція франції
  γαλλια فرنسا فرانسه צרפת
spain: espana espanya espagne spanien spagna espanha spanje hiszpania espainia ispanya испания испании ισπανια اسبانيا
  ספרד
italy: italia italie italien italiens wloch itálie italija italya италия италии італія ιταλια ايطاليا איטליה
  olaszorszag
portugal: portugals португалия
england: inglaterra angleterre inghilterra англия англии انجلترا
britain: bretana grossbritannien великобритания великобритании بريطانيا
ireland: irlanda irlande irland ierland eire eireann ирландия
scotland: escocia ecosse schottland skottland
netherlands: nederland niederlande paises_bajos pays_bas paesi_bassi holandia нидерланды نيدرلاند הולנד
belgium: belgica belgique belgie belgien belgio бельгия بلجيكا
switzerland: schweiz suisse svizzera suiza suica szwajcaria svizra zwitserland швейцария سويسرا
austria: osterreich oesterreich osterreichs autriche oostenrijk австрия rakousko
sweden: sverige sveriges suecia schweden svezia zweden ruotsi szwecja швеция швеции السويد
norway: norge norges noruega norvege norwegen norja norwegia норвегия النرويج
denmark: danmark danmarks dinamarca danemark danimarca tanska дания
finland: suomi suomen finlandia finlande finnland финляндия финляндии
iceland: islandia islande
poland: polska polsce polonia polen pologne puola polsko польша польши польща بولندا
czechia: cesko ceska_republika tschechien cechy чехия чешская_республика
slovakia: slovensko slovaquie slowakei словакия
hungary: magyarorszag hungria hongrie ungarn ungheria wegry венгрия угорщина
romania: romaniei rumania roumanie rumanien румыния румъния
bulgaria: bulgarie bulgarien българия болгария bulgariya
croatia: hrvatska hrvatske croacia kroatien croatie хорватия
serbia: srbija srbije serbie serbien србија србије сербия
slovenia: slovenija slovenije slowenien slovenie словения
greece: grecia grece griechenland hellas ellada ελλαδα ελλαδας греция اليونان
turkey: turkiye turquia turquie turkei turchia tyrkia турция турции تركيا ترکیه
russia: rossiya rossii rusia russie russland rosja россия россии росія росії روسيا روسیه
ukraine: ukraina ukrainy ukrainie ucrania украина украины україна україни
belarus: беларусь беларуси белоруссия
kazakhstan: казахстан казахстана қазақстан qazaqstan
uzbekistan: ozbekiston узбекистан
georgia: грузия sakartvelo
armenia: армения hayastan
azerbaijan: azerbaycan азербайджан
estonia: eesti estland эстония
latvia: latvija latvijas lettland латвия
lithuania: lietuva lietuvos litauen литва
albania: shqiperi shqiperise
brazil: brasil bresil brasile brasilien brazilie brazylia бразилия البرازيل
mexico: mexique mexiko messico мексика المكسيك mejico
argentina: argentinien аргентина
colombia: kolumbien
peru: perou
japan: japon giappone japao япония японии اليابان יפן nippon nihon
china: chine cina kitay китай китая الصين סין zhongguo tiongkok
korea: coree corea coreia корея кореи كوريا hanguk
india: inde indien индия индии الهند bharat bharatiya
indonesia: indonesie indonesien
vietnam: viet_nam
thailand: thailande thailandia
egypt: egipto egypte agypten egitto египет مصر
morocco: maroc marruecos marokko marocco المغرب
algeria: algerie argelia algerien الجزائر
tunisia: tunisie tunez tunesien تونس
saudi: saoudite arabie_saoudite السعودية
emirates: emiratos الامارات
israel: izrael израиль ישראל
iran: иран ايران ایران
iraq: irak ирак العراق
syria: syrie siria سوريا
lebanon: liban libano لبنان
jordan: الاردن
canada: kanada канада كندا
america: amerika amerique estados_unidos etats_unis америка امريكا
africa: afrique afrika африка افريقيا
europe: avrupa europa европа اوروبا
asia: asie asien азия اسيا
"""

PEOPLES = """
german: deutsche deutscher deutsches deutschen deutsch aleman alemana alemao allemand allemande tedesco tedesca duitse
  niemieck~ nemeck~ tyska tysk tyske saksalainen nemet alman немецк~ німецьк~ γερμανικη الالمانية גרמני
french: francais francaise francaises francesa francese francesi franzosische franzosischer franse fransk franska
  francusk~ francouzsk~ французск~ французьк~ γαλλικη الفرنسية fransiz
spanish: espanol espanola espanoles espanyola espagnol espagnole spagnola spanische spanisch hiszpansk~ spanelsk~
  испанск~ espanhola espanhol
italian: italiano italiana italiani italiane italienne italienische italiaanse italienska wlosk~ italsk~ итальянск~
  الايطالية olasz
portuguese: portugues portuguesa portuguesas portugaise portugiesische portoghese португальск~
british: britanica britanico britannique britisk brytyjsk~ britsk~ британск~ البريطانية ingiliz
english: anglais anglaise inglesa inglese englische engelsk angielsk~ английск~
irish: irlandesa irlandais irlandaise irische
scottish: ecossaise schottische
dutch: nederlands nederlandse nederlandsche neerlandais neerlandaise niederlandische holenderska нидерландск~
belgian: belge belges belgische belga
swiss: schweizerische schweizerischer schweizerisches schweizerischen schweizer suisses svizzeri szwajcarsk~
  швейцарск~
austrian: osterreichische osterreichischer osterreichisches osterreichischen oesterreichische autrichienne австрийск~
swedish: svenska svensk svenskt sueca suedoise schwedische szwedzk~ шведск~ ruotsalainen
norwegian: norsk norske norwegische norwesk~ норвежск~
danish: dansk danske danois danoise danische датск~
finnish: suomalainen suomalaisen finska finsk finlandaise finnische finsk~ финск~
icelandic: islenska islensk
polish: polski polskie polskiego polskiej polskich polskim polaca polonaise polnische polsk польск~ польськ~
czech: cesky ceska ceske ceskeho ceskych tcheque tschechische checa czesk~ чешск~
slovak: slovensky slovenska slovenskej slovaque slowakische словацк~
hungarian: magyar hongroise ungarische wegiersk~ madarsk~ венгерск~ угорськ~
romanian: romaneasca roumaine rumanische rumunsk~ румынск~
bulgarian: bulgarska българск~ болгарск~ bulgare
croatian: hrvatski hrvatskog hrvatskih chorwack~ хорватск~
serbian: srpska srpski srpske srpskog српск~ сербск~ serbska
slovenian: slovenski slovenskih slovenske slovene
greek: ellinika elliniki hellenic hellenique griechische grecka grecque ελληνικη ελληνικο ελληνικης ελληνικων
  ελληνικος греческ~ اليونانية
turkish: turk turkiyenin turca turque turkische tureck~ турецк~ التركية
russian: rossiyskaya rossiiskaya rossijskaja russe russa russische rosyjsk~ rusk~ российск~ русск~ російськ~ الروسية
ukrainian: ukrainsk~ украинск~ українськ~ ukrainienne ukrainische ucraniana
belarusian: белорусск~ беларуск~ білоруськ~
kazakh: казахск~ казахстанск~ қазақ qazaq
estonian: estnische
latvian: latviesu lettische
lithuanian: lietuviu litauische
brazilian: brasileiro brasileira brasileiros brasileiras brasilena brasileno bresilien bresilienne brasiliana
  brasilianische
mexican: mexicano mexicana mexicanos mexicanas mexicaine mexikanische
argentine: argentino argentinos argentinas argentinische argentinian
chilean: chileno chilena chilienne
colombian: colombiano colombiana colombianos
peruvian: peruano peruana peruvienne
venezuelan: venezolano venezolana
japanese: japonesa japones japonais japonaise giapponese japanische японск~ japonsk~
chinese: chinois chinoise cinese chinesische китайск~ chinsk~ cinsk~ الصينية
korean: coreano coreana coreen coreenne koreanische корейск~
indian: indienne indische индийск~
american: americano americana americaine americain amerikanische amerikaanse amerykansk~ americk~ американск~
  الامريكية amerikan
canadian: canadien canadienne canadiense kanadische канадск~
australian: australische australiana
african: africain africaine africano africana afrikanische afrikaanse африканск~
arab: arabe arabes arabische arabic арабск~ عربي عربية العربي العربية
egyptian: egyptienne egipcia المصرية المصري
israeli: ישראלי ישראלית israelienne
iranian: ایرانی iranienne
asian: asiatique asiatica asiatico asiatische азиатск~
latin american: latinoamericana latinoamericano latinoamericanos
baltic: baltique baltische
"""

TABLES: tuple[str, ...] = (COUNTRIES, PEOPLES)

ADJECTIVES = """
german: germany
french: france
spanish: spain
italian: italy
portuguese: portugal
british: britain
english: england
irish: ireland
scottish: scotland
dutch: netherlands
belgian: belgium
swiss: switzerland
austrian: austria
swedish: sweden
norwegian: norway
danish: denmark
finnish: finland
icelandic: iceland
polish: poland
czech: czechia
slovak: slovakia
hungarian: hungary
romanian: romania
bulgarian: bulgaria
croatian: croatia
serbian: serbia
slovenian: slovenia
greek: greece
turkish: turkey
russian: russia
ukrainian: ukraine
belarusian: belarus
kazakh: kazakhstan
estonian: estonia
latvian: latvia
lithuanian: lithuania
brazilian: brazil
mexican: mexico
argentine: argentina
chilean: chile
colombian: colombia
peruvian: peru
venezuelan: venezuela
japanese: japan
chinese: china
korean: korea
indian: india
american: america
canadian: canada
australian: australia
african: africa
egyptian: egypt
israeli: israel
iranian: iran
asian: asia
european: europe
"""

STOP = """
english: the a an of for and at in on by to from with
german: der die das des dem den und fur fuer im in am an zu zum zur von vom mit bei
dutch: de het een van voor en der den te ten ter op in bij
nordic: og och i av af for til till pa det den de ved vid
finnic: ja ning
french: le la les l de du des d et a au aux en pour sur par une un
spanish: el la los las de del y e en para por con al
portuguese: o os as do da dos das no na nos nas em e ao para
italian: il lo la i gli le di del dello della dei degli delle e ed a al alla per in da nel nella
catalan: els les i de d per dels eta
romanian: si pentru a al ale cu din de la
polish: i w we z ze na dla im do przy oraz
czech: a v ve pro na o s se k u pri
south slavic: i u za na in z pri od
hungarian: az es
turkish: ve ile icin
albanian: dhe e i te per ne
baltic: ir un par
irish: na an agus
malay: dan untuk bagi di dari
vietnamese: va cua
russian: и в во на по для им имени при с со о об из от к
ukrainian: та і й у в з із для ім імені про при
bulgarian: за от с на към и в
greek: του της των το τα και για στην στο η ο οι τον την
greek in latin letters: tou tis ton kai gia
arabic: و في من على ل ب ال
arabic in latin letters: al el wa ul bin
persian: و از در برای به
hebrew: של על ה את ל
hindi: का की के और में
japanese and chinese: の 及び 和 与 與 及
korean: 및
"""
