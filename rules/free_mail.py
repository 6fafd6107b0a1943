"""Domains that say nothing about a company: free mail, throw-away mail, and sites that host everybody's page.

Written by hand. A domain stands here in its registrable form, so ``mail.yahoo.co.jp`` is found under ``yahoo.co.jp``.
"""

from __future__ import annotations

_WORLD = """
gmail.com googlemail.com yahoo.com ymail.com rocketmail.com myyahoo.com hotmail.com outlook.com live.com msn.com
passport.com windowslive.com icloud.com me.com mac.com aol.com aim.com protonmail.com proton.me pm.me gmx.com gmx.net
mail.com email.com usa.com zoho.com zohomail.com fastmail.com fastmail.fm hey.com tutanota.com tuta.io tuta.com
hushmail.com inbox.com lycos.com excite.com rediffmail.com yandex.com mail.ru duck.com skiff.com mailfence.com
runbox.com posteo.net disroot.org riseup.net startmail.com consultant.com engineer.com europe.com post.com
"""
_FAMILIES = """
yahoo.com.br yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.co.uk yahoo.ca yahoo.com.mx yahoo.com.ar yahoo.com.au
yahoo.co.in yahoo.in yahoo.co.jp yahoo.com.cn yahoo.cn yahoo.com.hk yahoo.com.tw yahoo.com.sg yahoo.com.ph
yahoo.com.vn yahoo.co.id yahoo.co.kr yahoo.co.nz yahoo.ie yahoo.se yahoo.no yahoo.dk yahoo.pl yahoo.gr yahoo.com.tr
yahoo.ro yahoo.nl yahoo.be yahoo.pt yahoo.com.co yahoo.cl yahoo.com.pe yahoo.com.my yahoo.co.th
hotmail.fr hotmail.de hotmail.it hotmail.es hotmail.co.uk hotmail.com.br hotmail.com.ar hotmail.com.mx hotmail.be
hotmail.nl hotmail.se hotmail.ca hotmail.co.jp hotmail.com.tr hotmail.gr hotmail.ch hotmail.no hotmail.dk
live.fr live.de live.it live.nl live.be live.co.uk live.com.mx live.com.ar live.com.pt live.ca live.se live.dk live.cn
live.jp live.in live.com.au outlook.fr outlook.de outlook.es outlook.it outlook.com.br outlook.pt outlook.jp
outlook.kr outlook.in outlook.be outlook.dk outlook.com.ar outlook.com.au outlook.co.id outlook.ie outlook.cl
"""
_BRAZIL_AND_LATIN_AMERICA = """
uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com oi.com.br r7.com zipmail.com.br pop.com.br
superig.com.br click21.com.br itelefonica.com.br brturbo.com.br veloxmail.com.br fibertel.com.ar ciudad.com.ar
arnet.com.ar speedy.com.ar prodigy.net.mx terra.com terra.es terra.cl vtr.net une.net.co
"""
_FRANCE_BENELUX_SWITZERLAND = """
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr voila.fr aliceadsl.fr
cegetel.net noos.fr caramail.com skynet.be telenet.be proximus.be scarlet.be voo.be kpnmail.nl ziggo.nl xs4all.nl
planet.nl home.nl hetnet.nl chello.nl upcmail.nl casema.nl bluewin.ch sunrise.ch hispeed.ch pt.lu
"""
_GERMANY_AUSTRIA = """
gmx.de gmx.at gmx.ch web.de t-online.de freenet.de arcor.de 1und1.de online.de posteo.de mailbox.org kabelmail.de
vodafone.de vodafonemail.de o2online.de alice.de magenta.de email.de mail.de unitybox.de aon.at chello.at a1.net
"""
_REST_OF_EUROPE = """
libero.it virgilio.it tiscali.it alice.it tin.it inwind.it iol.it tim.it fastwebnet.it email.it pec.it
telefonica.net movistar.es ono.com orange.es sapo.pt iol.pt clix.pt netcabo.pt btinternet.com btopenworld.com
talktalk.net sky.com virginmedia.com ntlworld.com blueyonder.co.uk o2.co.uk tiscali.co.uk eircom.net
telia.com comhem.se bredband.net spray.se online.no getmail.no mail.dk tdcadsl.dk kolumbus.fi elisanet.fi luukku.com
wp.pl o2.pl onet.pl op.pl interia.pl gazeta.pl vp.pl tlen.pl seznam.cz centrum.cz email.cz post.cz
azet.sk centrum.sk zoznam.sk freemail.hu citromail.hu indamail.hu abv.bg mail.bg otenet.gr windowslive.gr
net.hr siol.net mail.ee inbox.lv inbox.lt mynet.com superonline.com
"""
_RUSSIA_AND_NEIGHBOURS = """
yandex.ru ya.ru bk.ru list.ru inbox.ru internet.ru rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru nm.ru pochta.ru
hotbox.ru land.ru yandex.ua yandex.by yandex.kz ukr.net i.ua meta.ua bigmir.net tut.by mail.kz
"""
_CHINA_JAPAN_KOREA = """
qq.com foxmail.com 163.com 126.com yeah.net 188.com sina.com sina.cn sina.com.cn sohu.com
139.com 189.cn wo.cn 21cn.com tom.com aliyun.com 263.net eyou.com pchome.com.tw hinet.net seed.net.tw netvigator.com
docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp ymobile.ne.jp nifty.com biglobe.ne.jp ocn.ne.jp
so-net.ne.jp plala.or.jp dion.ne.jp goo.jp infoseek.jp excite.co.jp rakuten.jp
naver.com hanmail.net daum.net kakao.com nate.com korea.com dreamwiz.com hanmir.com paran.com empas.com
"""
_INDIA_AND_THE_REST = """
rediff.com sify.com indiatimes.com in.com vsnl.net bsnl.in airtelmail.in dataone.in sancharnet.in
bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au xtra.co.nz slingshot.co.nz
mweb.co.za webmail.co.za telkomsa.net vodamail.co.za walla.co.il walla.com netvision.net.il bezeqint.net 012.net.il
emirates.net.ae eim.ae maktoob.com singnet.com.sg starhub.net.sg telkom.net plasa.com vnn.vn
"""
_NORTH_AMERICA = """
comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com netzero.net
optonline.net frontier.com frontiernet.net windstream.net centurylink.net roadrunner.com rr.com pacbell.net
ameritech.net swbell.net suddenlink.net mindspring.com rogers.com bell.net sympatico.ca shaw.ca telus.net videotron.ca
"""
_THROW_AWAY = """
mailinator.com guerrillamail.com 10minutemail.com temp-mail.org yopmail.com trashmail.com sharklasers.com getnada.com
dispostable.com maildrop.cc throwawaymail.com mailnesia.com tempmail.com fakeinbox.com discard.email moakt.com
"""

_TABLES = (
    _WORLD,
    _FAMILIES,
    _BRAZIL_AND_LATIN_AMERICA,
    _FRANCE_BENELUX_SWITZERLAND,
    _GERMANY_AUSTRIA,
    _REST_OF_EUROPE,
    _RUSSIA_AND_NEIGHBOURS,
    _CHINA_JAPAN_KOREA,
    _INDIA_AND_THE_REST,
    _NORTH_AMERICA,
    _THROW_AWAY,
)
FREE_MAIL: frozenset[str] = frozenset(domain for table in _TABLES for domain in table.split())
"""Mail domains that anybody can get an address at."""

SHARED_SITES: frozenset[str] = frozenset(
    """
    facebook.com fb.com instagram.com linkedin.com twitter.com x.com youtube.com tiktok.com pinterest.com vk.com ok.ru
    xing.com medium.com linktr.ee google.com goo.gl bit.ly t.me telegram.me wa.me whatsapp.com weibo.com yelp.com
    tripadvisor.com etsy.com ebay.com wikipedia.org crunchbase.com github.com behance.net
    """.split()  # noqa: SIM905 - a paragraph of names reads better than a column of quoted ones
)
"""Sites on which a company may have a page; as a website they name the site, not the company. A lead whose e-mail
is at one of them (someone who works there) still counts: only websites are dropped."""

ROLE_MAILBOXES: frozenset[str] = frozenset(
    """
    info information contact contacts contactus contacto contato contatto kontakt hello hi hola bonjour ola sales sale
    vendas ventas vente ventes vertrieb verkauf comercial commercial marketing support help helpdesk service services
    suporte soporte servicio kundenservice customerservice customercare care admin administrator administration
    administracao administracion office buero buro bureau secretary secretariat secretaria sekretariat reception
    recepcion accueil mail email post team staff all everyone company enquiries enquiry inquiries inquiry
    accounts accounting billing finance financeiro finanzen invoice invoices faturamento facturation rechnung ap ar
    purchasing procurement compras achats einkauf orders order pedidos hr jobs careers rh recruiting press media pr
    webmaster postmaster hostmaster abuse noreply no-reply donotreply it tech legal privacy security feedback
    """.split()  # noqa: SIM905
)
"""Local parts that name a function: many people read them, so they do not say who somebody is."""
