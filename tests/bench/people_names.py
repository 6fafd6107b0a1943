# ruff: noqa: E501, RUF001 - tables; letters of other scripts look like Latin ones
"""Names of people for `tests.bench.people`, by where they live: frequent ones first, as in real lists of names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Culture:
    """How people of a country are called, and how telephone numbers begin there."""

    country: str
    spelt: tuple[str, ...]
    men: tuple[str, ...]
    women: tuple[str, ...]
    family: tuple[str, ...]
    endings: tuple[str, ...]
    """What rare family names end with; they are made up."""
    cities: tuple[str, ...]
    domain: str
    dial: str
    trunk: str
    mobile: str
    """A pattern of the national number, # for a digit."""
    line: str
    families: int = 1
    """How many family names people have."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


CULTURES: tuple[tuple[Culture, int], ...] = (
    (Culture(
        "US", ("United States", "USA", "US"),
        _words("James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew "
               "Anthony Mark Steven Paul Andrew Joshua Kenneth Kevin Brian Timothy Ronald Edward Jason Jeffrey Ryan "
               "Jacob Nicholas Gary Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Patrick "
               "Alexander Jack Dennis Jerry Tyler Aaron Nathan Zachary Walter Peter Lawrence Albert Theodore Leonard"),
        _words("Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra "
               "Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura "
               "Sharon Cynthia Kathleen Amy Angela Shirley Anna Brenda Pamela Nicole Samantha Katherine Christine "
               "Victoria Abigail Catherine Jacqueline Theresa Madeline Josephine Penelope Eleanor Gabrielle"),
        _words("Smith Johnson Williams Brown Jones Davis Miller Wilson Moore Taylor Anderson Thomas Jackson White "
               "Harris Martin Thompson Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall Campbell "
               "Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook "
               "Rogers Peterson Cooper Reed Bailey Kelly Howard Ward Cox Richardson Watson Brooks Bennett Gray "
               "O'Brien McCarthy O'Connor MacDonald Sullivan Fitzgerald Whitaker Pennington Holloway"),
        ("ton", "field", "worth", "man", "ley", "ford", "wood", "son"),
        _words("New_York Los_Angeles Chicago Houston Phoenix Boston Seattle Denver Austin Atlanta Miami Dallas"),
        "com", "1", "", "2##55#####", "3##55#####"), 26),
    (Culture(
        "GB", ("United Kingdom", "UK", "Great Britain"),
        _words("Oliver George Harry Jack Charlie Thomas James William Henry Edward Alfred Frederick Samuel Benjamin "
               "Daniel Joseph David Stephen Andrew Nigel Graham Simon Timothy Christopher Anthony Kenneth Geoffrey"),
        _words("Olivia Amelia Emily Isla Ava Jessica Isabella Charlotte Sophie Grace Alice Margaret Susan Elizabeth "
               "Victoria Catherine Rebecca Hannah Lucy Gillian Philippa Penelope Deborah Jacqueline Josephine"),
        _words("Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White "
               "Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis "
               "Hughes Fletcher Pritchard Llewellyn Ashworth Thistlethwaite Smith-Jones Parker-Bowles"),
        ("by", "thorpe", "shaw", "wick", "combe", "bury", "stone", "croft"),
        _words("London Manchester Birmingham Leeds Glasgow Bristol Edinburgh Liverpool Cardiff"),
        "co.uk", "44", "0", "77########", "20########"), 10),
    (Culture(
        "BR", ("Brazil", "Brasil", "BR"),
        _words("José João Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís Gabriel Rafael Daniel Marcelo "
               "Bruno Eduardo Felipe Rodrigo Manoel Mateus André Fernando Fábio Leonardo Gustavo Guilherme Leandro "
               "Tiago Anderson Ricardo Márcio Jorge Alexandre Roberto Sebastião Vinícius César Otávio Joaquim"),
        _words("Maria Ana Francisca Antônia Adriana Juliana Márcia Fernanda Patrícia Aline Sandra Camila Amanda "
               "Bruna Jéssica Letícia Júlia Luciana Vanessa Mariana Gabriela Vera Larissa Cláudia Beatriz Rita "
               "Sônia Renata Eliane Simone Cristina Isabel Verônica Conceição Ana_Paula Maria_Clara Ana_Beatriz"),
        _words("Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins "
               "Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes "
               "Marques Machado Mendes Freitas Cardoso Ramos Gonçalves Santana Teixeira Araújo Conceição Brandão "
               "Guimarães Magalhães Assunção Figueiredo Vasconcelos Cavalcanti Albuquerque Bittencourt"),
        ("eira", "osa", "ão", "inho", "ares", "edo", "ães"),
        _words("São_Paulo Rio_de_Janeiro Brasília Salvador Fortaleza Belo_Horizonte Curitiba Recife Goiânia Belém"),
        "com.br", "55", "0", "119########", "113#######", 2), 16),
    (Culture(
        "DE", ("Germany", "Deutschland", "DE"),
        _words("Peter Wolfgang Michael Werner Klaus Thomas Manfred Helmut Jürgen Heinz Gerhard Andreas Hans Josef "
               "Günter Dieter Horst Walter Frank Bernd Karl Herbert Franz Martin Uwe Georg Heinrich Stefan Christian "
               "Karl-Heinz Rudolf Jörg Björn Götz Sören Maximilian Sebastian Johannes Friedrich Matthias"),
        _words("Maria Ursula Monika Petra Elisabeth Sabine Renate Helga Karin Brigitte Ingrid Erika Andrea Gisela "
               "Claudia Susanne Gabriele Christa Christine Hildegard Anna Birgit Barbara Stefanie Ute Jutta Heike "
               "Käthe Bärbel Annegret Katharina Franziska Magdalena Anneliese"),
        _words("Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer "
               "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt "
               "Werner Schmitz Krause Meier Lehmann Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters "
               "Größer Weiß Jäger Böhm Löffler Würfel von_Hohenberg Schulze-Delitzsch"),
        ("mann", "berger", "hausen", "bach", "müller", "stein", "inger", "höfer"),
        _words("Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Nürnberg Münster"),
        "de", "49", "0", "151########", "30########"), 12),
    (Culture(
        "MX", ("Mexico", "México", "MX"),
        _words("José Luis Juan Miguel Francisco Jesús Antonio Alejandro Pedro Carlos Manuel Jorge Roberto Fernando "
               "Ricardo Javier Eduardo Rafael Raúl Ramón Sergio Óscar Guillermo Enrique Ignacio Andrés Joaquín "
               "José_Luis Juan_Carlos Miguel_Ángel José_Antonio"),
        _words("María Guadalupe Juana Margarita Verónica Leticia Rosa Alejandra Elizabeth Patricia Gabriela Teresa "
               "Josefina Silvia Martha Claudia Lucía Concepción Dolores Rosario Montserrat María_José Ana_María"),
        _words("Hernández García Martínez López González Pérez Rodríguez Sánchez Ramírez Cruz Flores Gómez Morales "
               "Vázquez Reyes Jiménez Torres Díaz Gutiérrez Ruiz Mendoza Aguilar Ortiz Moreno Castillo Romero "
               "Álvarez Méndez Chávez Rivera Juárez Ramos Domínguez Herrera Medina Castro Vargas Guzmán Muñoz"),
        ("ez", "arte", "illo", "ondo", "eta", "ría", "aga"),
        _words("Ciudad_de_México Guadalajara Monterrey Puebla Tijuana León Mérida Querétaro"),
        "com.mx", "52", "", "553#######", "555#######", 2), 10),
    (Culture(
        "FR", ("France", "FR"),
        _words("Jean Pierre Michel André Philippe René Louis Alain Jacques Bernard Marcel Daniel Roger Robert Paul "
               "Claude Christian Henri Georges Nicolas François Patrick Gérard Christophe Laurent Frédéric Jérôme "
               "Jean-Pierre Jean-Claude Jean-Luc Étienne Benoît"),
        _words("Marie Jeanne Françoise Monique Catherine Nathalie Isabelle Jacqueline Anne Sylvie Martine Madeleine "
               "Nicole Suzanne Hélène Christine Marguerite Véronique Geneviève Valérie Céline Stéphanie Anne-Marie"),
        _words("Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel "
               "Garcia David Bertrand Roux Vincent Fournier Morel Girard André Lefèvre Mercier Dupont Lambert "
               "Bonnet François Martínez Beauséjour Châtelain Le_Goff de_La_Tour"),
        ("eau", "ier", "ard", "aux", "ette", "illon", "ault"),
        _words("Paris Marseille Lyon Toulouse Nice Nantes Strasbourg Montpellier Bordeaux Orléans"),
        "fr", "33", "0", "6########", "1########"), 8),
    (Culture(
        "RU", ("Russia", "Россия", "RU"),
        _words("Александр Сергей Дмитрий Алексей Андрей Михаил Иван Владимир Евгений Николай Максим Юрий Павел "
               "Константин Виктор Григорий Фёдор Артём Вячеслав Ярослав Илья Кирилл"),
        _words("Елена Ольга Наталья Анна Татьяна Ирина Мария Екатерина Светлана Юлия Анастасия Людмила Оксана "
               "Ксения Евгения Дарья Полина Любовь Яна"),
        _words("Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков "
               "Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Захаров "
               "Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Щербаков Чернышёв Хрущёв"),
        ("ов", "ев", "ин", "енко", "ский"),
        _words("Москва Санкт-Петербург Казань Новосибирск Екатеринбург"),
        "ru", "7", "8", "916#######", "495#######"), 6),
    (Culture(
        "JP", ("Japan", "日本", "JP"),
        _words("Hiroshi Takashi Kenji Kazuo Yuki Daisuke Kenta Makoto Satoshi Tetsuya Shota Yosuke Ryo Naoki Kōichi "
               "Shinji Takumi Akira Jun"),
        _words("Yoko Keiko Yumi Akiko Naomi Sakura Yui Haruka Misaki Aiko Emi Kaori Junko Noriko Tomoko Ayumi"),
        _words("Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki "
               "Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Saito Ono Okada Fujita Goto Ōta Kondō"),
        ("moto", "yama", "mura", "zawa", "hara", "shima", "ta"),
        _words("Tokyo Osaka Nagoya Sapporo Fukuoka Kyoto"),
        "co.jp", "81", "0", "90########", "3########"), 5),
    (Culture(
        "AE", ("United Arab Emirates", "UAE", "AE"),
        _words("Mohammed Ahmed Ali Omar Hassan Khalid Abdullah Youssef Ibrahim Mahmoud Hussein Saeed Mustafa Tariq "
               "Hamad Rashid Faisal Karim"),
        _words("Fatima Aisha Mariam Noura Layla Amina Zainab Salma Huda Yasmin Rania Dina"),
        _words("Al_Mansouri Al_Hashimi Al_Maktoum Hassan Ibrahim Al_Suwaidi Mahmoud Al_Farsi Haddad Nasser Khoury "
               "Al_Rashid Saleh Al_Zaabi Qureshi El_Sayed"),
        ("awi", "ani", "oury", "eddine", "allah"),
        _words("Dubai Abu_Dhabi Sharjah Ajman"),
        "ae", "971", "0", "50#######", "4#######"), 4),
    (Culture(
        "IN", ("India", "IN"),
        _words("Rahul Amit Raj Sanjay Vijay Anil Suresh Rajesh Ramesh Deepak Manoj Arun Vikram Ashok Krishna Arjun "
               "Venkatesh Harish Siddharth Pradeep"),
        _words("Priya Anjali Pooja Neha Sunita Anita Kavita Lakshmi Deepa Divya Shreya Sneha Meena Radhika Aishwarya"),
        _words("Kumar Singh Sharma Patel Gupta Reddy Shah Das Rao Nair Iyer Mehta Joshi Desai Verma Mishra Agarwal "
               "Chatterjee Mukherjee Banerjee Pillai Menon Krishnamurthy Subramaniam Venkataraman"),
        ("appa", "swamy", "wala", "kar", "dekar", "nathan"),
        _words("Mumbai Delhi Bangalore Hyderabad Chennai Pune"),
        "in", "91", "0", "98########", "22########"), 7),
)  # fmt: skip

CALLED = {
    pair.partition(":")[0]: tuple(pair.partition(":")[2].split(","))
    for pair in """
    James:Jim,Jimmy,Jamie Robert:Bob,Rob,Bobby John:Jack,Johnny,Jon Michael:Mike,Mick,Micky David:Dave,Davey
    William:Bill,Will,Billy,Liam Richard:Rick,Dick,Rich Joseph:Joe,Joey Thomas:Tom,Tommy Christopher:Chris,Kit
    Charles:Charlie,Chuck Daniel:Dan,Danny Matthew:Matt Anthony:Tony Steven:Steve Stephen:Steve Andrew:Andy,Drew
    Joshua:Josh Kenneth:Ken,Kenny Timothy:Tim Ronald:Ron Edward:Ed,Ted,Eddie Jeffrey:Jeff Jacob:Jake Nicholas:Nick
    Jonathan:Jon Lawrence:Larry Benjamin:Ben Samuel:Sam Gregory:Greg Patrick:Pat,Paddy Alexander:Alex,Sandy
    Nathan:Nate Zachary:Zach Walter:Walt Albert:Al,Bert Theodore:Ted,Theo Leonard:Len,Lenny Frederick:Fred,Freddie
    Alfred:Alf,Fred Henry:Harry,Hank Geoffrey:Geoff Patricia:Pat,Patty,Trish Jennifer:Jen,Jenny
    Elizabeth:Liz,Beth,Betty,Lizzie Barbara:Barb,Babs Susan:Sue,Susie Jessica:Jess Margaret:Maggie,Peggy,Meg
    Kimberly:Kim Deborah:Deb,Debbie Rebecca:Becky,Becca Cynthia:Cindy Kathleen:Kathy,Kath Angela:Angie Pamela:Pam
    Nicole:Nicky Samantha:Sam Katherine:Kate,Kathy,Katie Catherine:Cathy,Kate Christine:Chris,Tina Victoria:Vicky,Tori
    Abigail:Abby Jacqueline:Jackie Theresa:Terry,Tess Madeline:Maddie Josephine:Josie,Jo Penelope:Penny
    Eleanor:Ellie,Nell Gabrielle:Gabby Charlotte:Charlie,Lottie Isabella:Bella,Izzy Philippa:Pippa Gillian:Gill,Jill
    José:Zé,Pepe Francisco:Chico,Paco,Pancho Antônio:Toninho,Tonho Eduardo:Edu,Dudu,Lalo Luiz:Lula,Lu Rafael:Rafa
    Roberto:Beto,Tito Fernando:Fer,Nando Ricardo:Rico,Cadu Guilherme:Gui Gabriel:Biel,Gabi Leonardo:Léo Felipe:Lipe
    Sebastião:Tião Fernanda:Nanda,Fê Gabriela:Gabi Beatriz:Bia Mariana:Mari Juliana:Ju,Juli Patrícia:Paty
    Camila:Mila Isabel:Bel,Isa Vanessa:Nessa Joaquim:Quim Alexandre:Xande Luciana:Lu,Luci
    Jesús:Chuy Ignacio:Nacho Enrique:Quique Javier:Javi Manuel:Manolo Guillermo:Memo Guadalupe:Lupe Dolores:Lola
    Rosario:Charo Montserrat:Montse Concepción:Concha Alejandra:Ale Alejandro:Ale,Alex Teresa:Tere
    Johannes:Hans,Hannes Heinrich:Heinz,Heiner Friedrich:Fritz Maximilian:Max Sebastian:Basti Josef:Sepp
    Katharina:Kathi Elisabeth:Lisa,Sissi Franziska:Franzi Magdalena:Leni,Magda Stefanie:Steffi Susanne:Susi
    Gabriele:Gabi Andreas:Andi Matthias:Matze Wolfgang:Wolf Nicolas:Nico Philippe:Phil Frédéric:Fred
    Christophe:Chris Stéphanie:Steph Véronique:Véro Александр:Саша,Алекс Дмитрий:Дима Алексей:Лёша Михаил:Миша
    Владимир:Вова Евгений:Женя Николай:Коля Екатерина:Катя Наталья:Наташа Анастасия:Настя Татьяна:Таня
    Светлана:Света Мария:Маша Сергей:Серёжа Mohammed:Mo Youssef:Joe Venkatesh:Venky Siddharth:Sid Krishna:Kris
    """.split()  # noqa: SIM905 - as a column it would be longer than the module
}
"""What people are called beside their name; not taken from what the product knows."""

WAYS = (
    ("Юл", "Yul|Jul|Iul"), ("ья", "ya|ia|'ya"), ("ия", "iya|ia|ija"), ("ий", "y|iy|i"), ("ей", "ey|ei|ej"),
    ("ё", "yo|e|io"), ("ж", "zh|j"), ("х", "kh|h"), ("ц", "ts|c"), ("ч", "ch"), ("ш", "sh"), ("щ", "shch|sch"),
    ("ю", "yu|iu|ju"), ("я", "ya|ia|ja"), ("й", "y|i"), ("ь", ""), ("ъ", ""), ("ы", "y"), ("э", "e"), ("кс", "ks|x"),
    ("Ю", "Yu"), ("Я", "Ya"), ("Е", "E|Ye"), ("Щ", "Shch"), ("Ч", "Ch"), ("Х", "Kh|H"), ("Ф", "F"), ("Ж", "Zh"),
)  # fmt: skip
"""How Russian letters are written in Latin ones by different people; letters that are not here have one way."""
LETTERS = dict(zip("абвгдезиклмнопрстуфАБВГДЗИКЛМНОПРСТУЭ", "abvgdeziklmnoprstufABVGDZIKLMNOPRSTUE", strict=True))

ARABIC = {
    "Mohammed": "محمد|Muhammad|Mohamed|Mohamad|Muhammed", "Ahmed": "أحمد|Ahmad", "Ali": "علي|Aly", "Omar": "عمر|Umar",
    "Hassan": "حسن|Hasan", "Khalid": "خالد|Khaled", "Abdullah": "عبدالله|Abdulla|Abdallah", "Youssef": "يوسف|Yousef|Yusuf",
    "Ibrahim": "إبراهيم|Ebrahim", "Mahmoud": "محمود|Mahmud", "Hussein": "حسين|Hussain|Husain", "Saeed": "سعيد|Said",
    "Mustafa": "مصطفى|Moustafa", "Tariq": "طارق|Tarek|Tareq", "Faisal": "فيصل|Faysal", "Fatima": "فاطمة|Fatma|Fatimah",
    "Aisha": "عائشة|Ayesha|Aysha", "Mariam": "مريم|Maryam|Miriam", "Noura": "نورة|Nora|Nura", "Layla": "ليلى|Leila|Laila",
    "Zainab": "زينب|Zeinab|Zaynab", "Yasmin": "ياسمين|Yasmine|Jasmin",
    "Al Mansouri": "المنصوري|Almansoori|Al-Mansoori", "Al Hashimi": "الهاشمي|Al Hashemi|Alhashmi",
    "Haddad": "حداد|Hadad", "Nasser": "ناصر|Naser|Nasir", "Saleh": "صالح|Salih", "Qureshi": "Quraishi|Qureishi",
}  # fmt: skip
"""Arabic names: in their script, and as others write them."""
SIGNS = {
    "Sato": "佐藤", "Suzuki": "鈴木", "Takahashi": "高橋", "Tanaka": "田中", "Watanabe": "渡辺", "Ito": "伊藤", "Yamamoto": "山本",
    "Nakamura": "中村", "Kobayashi": "小林", "Kato": "加藤", "Yoshida": "吉田", "Yamada": "山田", "Hiroshi": "浩", "Takashi": "隆",
    "Kenji": "健二", "Yuki": "由紀", "Daisuke": "大輔", "Yoko": "洋子", "Keiko": "恵子", "Akiko": "明子", "Naomi": "直美",
}  # fmt: skip
TITLES = (
    ("VP Sales", "Vice President of Sales", "VP of Sales"), ("CEO", "Chief Executive Officer", "Managing Director"),
    ("CTO", "Chief Technology Officer"), ("Sales Manager", "Manager Sales"), ("Software Engineer", "Engineer", "Developer"),
    ("Head of Marketing", "Marketing Lead", "Marketing Director"), ("Account Executive", "AE", "Account Manager"),
    ("Procurement Manager", "Buyer", "Head of Procurement"), ("IT Director", "Director of IT", "Head of IT"),
    ("HR Manager", "People Partner", "Human Resources Manager"), ("Accountant", "Senior Accountant"),
    ("Consultant", "Senior Consultant"), ("Product Manager", "Senior Product Manager"), ("Operations Manager", "COO"),
    ("CFO", "Chief Financial Officer", "Finance Director"), ("Office Manager", "Assistant", "Executive Assistant"),
)  # fmt: skip
