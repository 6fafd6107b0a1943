"""Spellings of countries that people use and the ISO 3166 lists lack. Keys are folded, without dots."""

from __future__ import annotations

COMMON_SPELLINGS: dict[str, str] = {
    "usa": "US", "us of a": "US", "america": "US", "the united states": "US", "united states america": "US",
    "the united states of america": "US", "estados unidos": "US", "eua": "US", "eeuu": "US", "etats unis": "US",
    "stati uniti": "US", "vereinigte staaten": "US", "сша": "US", "米国": "US", "アメリカ": "US",
    "美国": "US", "미국": "US",
    "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "the united kingdom": "GB", "united kingdom of great britain": "GB",
    "gran bretagna": "GB",
    "inglaterra": "GB", "reino unido": "GB", "royaume uni": "GB", "regno unito": "GB", "grossbritannien": "GB",
    "イギリス": "GB", "英国": "GB", "英國": "GB", "영국": "GB", "великобритания": "GB", "англия": "GB",
    "بريطانيا": "GB",
    "el": "GR", "hellas": "GR", "holland": "NL", "the netherlands": "NL", "holanda": "NL",
    "pays bas": "NL", "paises bajos": "NL",
    "south korea": "KR", "korea": "KR", "republic of korea": "KR", "korea south": "KR", "coree du sud": "KR",
    "corea del sur": "KR", "coreia do sul": "KR", "sudkorea": "KR", "韓国": "KR", "한국": "KR", "韩国": "KR",
    "north korea": "KP", "dprk": "KP", "korea north": "KP",
    "russia": "RU", "россия": "RU", "rossiya": "RU", "russie": "RU", "russland": "RU", "rusia": "RU",
    "czech republic": "CZ", "czechia": "CZ", "ceska republika": "CZ", "cesko": "CZ", "republica checa": "CZ",
    "ivory coast": "CI", "cote divoire": "CI", "costa do marfim": "CI",
    "uae": "AE", "emirates": "AE", "the united arab emirates": "AE", "emirados arabes": "AE",
    "الامارات": "AE", "دبي": "AE",
    "ksa": "SA", "saudi": "SA", "السعوديه": "SA",
    "vietnam": "VN", "viet nam": "VN", "laos": "LA", "syria": "SY", "iran": "IR", "bolivia": "BO", "venezuela": "VE",
    "tanzania": "TZ", "moldova": "MD", "macedonia": "MK", "north macedonia": "MK", "burma": "MM", "turkey": "TR",
    "turkiye": "TR", "hong kong": "HK", "hong kong sar": "HK", "hongkong": "HK", "taiwan": "TW", "taiwan roc": "TW",
    "macau": "MO", "macao": "MO", "palestine": "PS", "kosovo": "XK", "xk": "XK", "brunei": "BN", "cape verde": "CV",
    "swaziland": "SZ", "congo": "CG", "drc": "CD", "dr congo": "CD", "democratic republic of the congo": "CD",
    "micronesia": "FM", "vatican": "VA", "holy see": "VA", "east timor": "TL", "falkland islands": "FK",
    "brasil": "BR", "bresil": "BR", "espana": "ES", "espagne": "ES", "spanien": "ES", "deutschland": "DE",
    "allemagne": "DE",
    "alemania": "DE", "alemanha": "DE", "brd": "DE", "osterreich": "AT", "schweiz": "CH", "suisse": "CH",
    "svizzera": "CH",
    "suica": "CH", "suiza": "CH", "italia": "IT", "italie": "IT", "belgie": "BE", "belgique": "BE",
    "danmark": "DK", "norge": "NO",
    "sverige": "SE", "suomi": "FI", "polska": "PL", "magyarorszag": "HU", "eire": "IE", "republic of ireland": "IE",
    "prc": "CN", "pr china": "CN", "peoples republic of china": "CN", "mainland china": "CN",
    "中国": "CN", "中國": "CN",
    "nippon": "JP", "日本国": "JP", "日本": "JP", "大韓民国": "KR", "대한민국": "KR", "台湾": "TW",
    "台灣": "TW", "香港": "HK",
    "bharat": "IN", "the philippines": "PH", "philippine": "PH", "rsa": "ZA", "mejico": "MX", "mexique": "MX",
    "the gambia": "GM", "the bahamas": "BS", "st lucia": "LC", "sint maarten": "SX", "curacao": "CW", "reunion": "RE",
}  # fmt: skip

LANGUAGES: tuple[str, ...] = (
    "de", "fr", "es", "pt", "pt_BR", "it", "nl", "pl", "cs", "sk", "hu", "ro", "sv", "da", "nb_NO", "fi", "el", "tr",
    "ru", "uk", "bg", "ja", "zh_CN", "zh_TW", "ko", "ar", "he", "id", "vi", "th", "hi",
)  # fmt: skip
"""Languages whose country names are understood, in order of precedence where two languages use one word."""
