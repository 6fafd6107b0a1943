"""Domains that say nothing about a company: free mail, throw-away mail, and sites that host everybody's page.

Free mail and internet providers are written by hand; throw-away mail is the list that the project
disposable-email-domains keeps, and a few of ours. A domain stands here in its
registrable form, so ``mail.yahoo.co.jp`` is found under ``yahoo.co.jp``.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["FREE_MAIL", "SHARED_SITES", "is_disposable", "is_free_mail"]

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
_MORE_PROVIDERS = """
yahoo.at yahoo.bg yahoo.cz yahoo.hu yahoo.fi yahoo.ee yahoo.lv yahoo.lt yahoo.hr yahoo.rs yahoo.sk yahoo.si
yahoo.com.ua yahoo.com.ve yahoo.com.ec yahoo.com.uy yahoo.com.bo yahoo.com.py yahoo.com.do yahoo.com.gt yahoo.com.sv
yahoo.co.za yahoo.com.ng yahoo.com.gh yahoo.com.eg yahoo.ma yahoo.com.sa yahoo.com.pk yahoo.com.bd yahoo.com.lk
yahoo.co.il yahoo.com.np yahoo.ne.jp ymobile1.jp hotmail.at hotmail.fi hotmail.hu hotmail.cz hotmail.sk hotmail.rs
hotmail.lt hotmail.lv hotmail.cl hotmail.com.pe hotmail.co.in hotmail.co.nz hotmail.co.kr hotmail.co.th hotmail.co.id
hotmail.co.il hotmail.co.za hotmail.com.au hotmail.com.hk hotmail.com.tw hotmail.my hotmail.sg hotmail.ph outlook.at
outlook.cz outlook.hu outlook.sk outlook.ph outlook.sa outlook.sg outlook.my outlook.co.th outlook.co.nz
outlook.com.tr outlook.com.gr outlook.com.vn outlook.lv live.at live.no live.fi live.hu live.cl live.co.za live.co.kr
live.com.my live.com.sg live.hk live.ru live.com.pe live.com.co live.ie aol.co.uk aol.fr aol.de aol.it aol.es
aol.com.br aol.jp icloud.com.cn love.com games.com wow.com yandex.com.tr yandex.lt yandex.lv yandex.ee yandex.uz
yandex.fr narod.ru mail.ua mail.am email.ua vk.ru xmail.ru e1.ru ngs.ru chat.ru zoho.eu zoho.in proton.de
protonmail.ch keemail.me tutamail.com tuta.de mailbox.de mail.ch mail.fr mail.be mail.ee mail.ie hotmail.com.vn
email.it email.ro mail.ro home.ro rdslink.ro clicknet.ro k.ro yahoo.com.ro freemail.gr forthnet.gr hol.gr vodafone.gr
in.gr mailbox.gr vip.hr t-com.hr optinet.hr amis.net volja.net t-2.net telekom.rs eunet.rs sbb.rs gmail.hu t-online.hu
upcmail.hu vipmail.hu mailbox.hu chello.hu chello.cz chello.sk quick.cz volny.cz tiscali.cz atlas.cz o2.cz atlas.sk
pobox.sk post.sk stonline.sk poczta.fm autograf.pl buziaczek.pl go2.pl neostrada.pl spoko.pl amorki.pl gmx.pl hot.ee
online.ee neti.ee apollo.lv one.lv takas.lt zebra.lt delfi.lt delfi.lv gmx.es gmx.fr gmx.it gmx.us gmx.co.uk gmx.eu
gmx.org gmx.info caiway.nl tele2.nl zonnet.nl wxs.nl solcon.nl kpnplanet.nl quicknet.nl online.nl hccnet.nl telfort.nl
versatel.nl tele2.se bahnhof.se glocalnet.net tele2.it swipnet.se passagen.se ownit.nu broadpark.no c2i.net start.no
frisurf.no lyse.net stofanet.dk jubii.dk webspeed.dk ofir.dk saunalahti.fi suomi24.fi inet.fi netti.fi dnainternet.net
welho.com simnet.is internet.is visir.is hive.is teletu.it katamail.com supereva.it blu.it interfree.it iol.com
pecmail.it legalmail.it tiscalinet.it telepac.pt portugalmail.pt portugalmail.com netvisao.pt zonmail.pt ya.com
jazzfree.com euskaltel.net wanadoo.es vodafone.es eresmas.com mixmail.com terra.com.ar terra.com.co terra.com.mx
terra.com.pe terra.com.ve wanadoo.nl wanadoo.co.uk orange.net fsmail.net freeserve.co.uk tesco.net ntlworld.co.uk
lineone.net supanet.com madasafish.com zen.co.uk plus.net btconnect.com onetel.com onetel.net talk21.com virgin.net
which.net ireland.com iol.ie indigo.ie oceanfree.net evc.net dbmail.com infonie.fr club.fr gawab.com laposte.fr
nordnet.fr aliceadsl.com hotmail.lu vo.lu internet.lu netcourrier.com 9online.fr tele2.fr 9business.fr live.lu
belgacom.net brutele.be edpnet.be tvcablenet.be gmx.li hispeed.com bluemail.ch swissonline.ch vtxmail.ch freesurf.ch
greenmail.ch ewetel.net osnanet.de versanet.de netcologne.de mnet-online.de mnet-mail.de htp-tel.de t-online.at
inode.at tele2.at liwest.at utanet.at gmx.biz kabelbw.de hanse.net arcormail.de epost.de lycos.de firemail.de
directbox.com genion.de o2mail.de telus.ca cogeco.ca cogeco.net eastlink.ca mts.net sasktel.net bellaliant.net bell.ca
videotron.net vianet.ca xplornet.ca xplornet.com execulink.com look.ca tbaytel.net northwestel.net spectrum.net
twc.com brighthouse.com wowway.com rcn.com mchsi.com mediacombb.net cableone.net insightbb.com knology.net
embarqmail.com cebridge.net hughes.net tds.net gci.net hawaiiantel.net consolidated.net fuse.net zoominternet.net
ptd.net epix.net atlanticbb.net metrocast.net prodigy.net snet.net flash.net nvbell.net wans.net currently.com
netcom.com netscape.net netscape.com compuserve.com peoplepc.com cs.com juno.net lycosmail.com usa.net mail2world.com
excite.it myway.com iwon.com bigfoot.com mailcity.com care2.com techemail.com inorbit.com safe-mail.net hush.com
hush.ai lavabit.com mail.com.br cantv.net etb.net.co epm.net.co telmex.net.co cable.net.co claro.net.co telesat.com.co
intercable.net.ve movistar.com.ve une.com.co entelchile.net manquehue.net 123mail.cl tie.cl vtr.com telsur.cl gmail.cl
speedy.com.pe infonegocio.net.pe terra.net.pe ice.co.cr racsa.co.cr andinanet.net netlife.ec punto.net.ec
adinet.com.uy montevideo.com.uy netgate.com.uy dedicado.net.uy infinitum.com.mx cablevision.net.mx megared.net.mx
telmexmail.com axtel.net izzi.mx netsite.com.br onda.com.br ibest.com.br folha.com.br zipmail.com brfree.com.br
netpar.com.br vivax.com.br virtua.com.br netvirtua.com.br gvt.net.br sercomtel.com.br bezeqint.net barak.net.il
zahav.net.il inter.net.il nana.co.il nana10.co.il 013.net.il actcom.co.il 017.net.il smile.net.il saudi.net.sa
nesma.net.sa awalnet.net.sa batelco.com.bh qatar.net.qa omantel.net.om qualitynet.net kuwait.net cyberia.net.lb
idm.net.lb terra.net.lb link.net tedata.net.eg menanet.net menara.ma iam.net.ma topnet.tn planet.tn gnet.tn wissal.dz
djaweb.dz chmail.ir iran.ir parsonline.net mihanmail.ir vatanmail.ir ttmail.com ttnet.net.tr e-kolay.net
hotmail.com.tr mynet.com.tr superposta.com absamail.co.za mtnloaded.co.za iafrica.com lantic.net vodamail.co.za
cybersmart.co.za afrihost.co.za gmail.co.za axxess.co.za polka.co.za ananzi.co.za safaricom.co.ke africaonline.co.ke
wananchi.com swiftkenya.com kenyaweb.com zamnet.zm utlonline.co.ug dodo.com.au westnet.com.au adam.com.au
ozemail.com.au netspace.net.au exemail.com.au aapt.net.au activ8.net.au optusnet.com spin.net.au bigpond.com.au
ihug.co.nz paradise.net.nz clear.net.nz orcon.net.nz vodafone.net.nz actrix.co.nz kinect.co.nz bol.net.in mtnl.net.in
airtelbroadband.in hathway.com spectranet.in tataindicom.com eth.net satyam.net.in hotmail.in live.co.in ptcl.net.pk
cyber.net.pk nexlinx.net.pk wol.net.pk dsl.net.pk sltnet.lk slt.lk ntc.net.np wlink.com.np mos.com.np bttb.net.bd
citechco.net streamyx.com tm.net.my maxis.net.my jaring.my pacific.net.sg magix.com.sg loxinfo.co.th csloxinfo.com
thaimail.com cscoms.com indo.net.id cbn.net.id indosat.net.id fpt.vn vol.vn pldtdsl.net skybroadband.com.ph
chinaren.com 163.net china.com citiz.net online.sh.cn yahoo.com.cn tom.com.cn wo.com.cn 21cn.net i-cable.com hknet.com
hkbn.net ctimail.com biznetvigator.com so-net.net.tw giga.net.tw kimo.com url.com.tw mail2000.com.tw xuite.net
ethome.net.tw pchome.com vodafone.ne.jp disney.ne.jp willcom.com pdx.ne.jp emobile.ne.jp uqmobile.jp rakumail.jp
asahi-net.or.jp zaq.ne.jp tiki.ne.jp hi-ho.ne.jp iij4u.or.jp wakwak.com dti.ne.jp eonet.ne.jp nns.ne.jp mopera.net
sannet.ne.jp catv.ne.jp livedoor.com goo.ne.jp k-opti.com commufa.jp auone-net.jp auone.jp chol.com chollian.net
unitel.co.kr hitel.net netian.com lycos.co.kr freechal.com hanafos.com kornet.net nownuri.net orgio.net simmani.com
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
    _MORE_PROVIDERS,
    _THROW_AWAY,
)
FREE_MAIL: frozenset[str] = frozenset(domain for table in _TABLES for domain in table.split())
"""Mail domains that anybody can get an address at, those of internet providers included."""

SHARED_SITES: frozenset[str] = frozenset(
    """
    facebook.com fb.com instagram.com linkedin.com twitter.com x.com youtube.com tiktok.com pinterest.com vk.com ok.ru
    xing.com medium.com linktr.ee google.com goo.gl bit.ly t.me telegram.me wa.me whatsapp.com weibo.com yelp.com
    tripadvisor.com etsy.com ebay.com wikipedia.org crunchbase.com github.com behance.net
    """.split()  # noqa: SIM905 - a paragraph of names reads better than a column of quoted ones
)
"""Sites on which a company may have a page; as a website they name the site, not the company. A lead whose e-mail
is at one of them (someone who works there) still counts: only websites are dropped."""


@lru_cache(maxsize=1)
def _thrown_away() -> frozenset[str]:
    # Thousands of names, asked for only when a lead has a mail address at all: loaded then.
    from disposable_email_domains import blocklist  # noqa: PLC0415

    return frozenset(blocklist) | frozenset(_THROW_AWAY.split())


def is_disposable(domain: str) -> bool:
    """Tell whether a mail domain (or what it belongs to) gives out addresses to be thrown away."""
    return any(part in _thrown_away() for part in _upwards(domain))


def is_free_mail(domain: str, own: frozenset[str] = frozenset()) -> bool:
    """Tell whether anybody can get an address at this domain; `own` are the domains that a customer adds."""
    return any(part in FREE_MAIL or part in own for part in _upwards(domain)) or is_disposable(domain)


def _upwards(domain: str) -> tuple[str, ...]:
    """Return the domain and what it is a part of: ``mx.acme.co.uk``, ``acme.co.uk``, ``co.uk``."""
    parts = domain.strip().lower().strip(".").rpartition("@")[2].split(".")[-5:]
    return tuple(".".join(parts[at:]) for at in range(len(parts) - 1))
