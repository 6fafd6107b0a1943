"""Mailboxes that name a function (info, sales, no-reply), in many languages: they do not say who somebody is."""

from __future__ import annotations

import re
from functools import lru_cache

from rules.normalizing.folding import fold

__all__ = ["is_role"]

_INTERNET = """
abuse admin administrator dns ftp hostmaster list mailerdaemon mailer-daemon daemon news noc noreply no-reply no_reply
donotreply do-not-reply nepasrepondre nicht-antworten nao-responda naoresponda no-responder noresponder postmaster
root security support sysadmin trouble usenet uucp webmaster www ssl bounce bounces spam unsubscribe subscribe
list-request domain domains domainadmin it ict edv helpdesk help hilfe aide ayuda ajuda aiuto apoio cert csirt soc
devops system systems notification notifications alert alerts newsletter newsletters automated robot bot devnull null
test tester
"""  # RFC 2142 and what has become usual since
_CONTACT = """
info information informacion informacoes informacje informations infos infodesk contact contacts contactus contact-us
contacto contactenos contato contatos contatto contatti kontakt kontakte kontakty kontaktai kapcsolat yhteys
yhteydenotto iletisim bilgi bilgilendirme hello hallo hi hola hej bonjour ola ciao salut hey welcome bienvenue mail
email e-mail correo correio posta post poczta posti inbox mailbox general central zentrale office offices buero buro
bureau biuro kancelar kancelaria kancelarija kanzlei kancellaria titkarsag oficina escritorio ufficio kontor kantoor
toimisto birou iroda ofis ofisi secretary secretariat secretaria secretariado segreteria sekretariat sekretariatet
sekretariati sekreter reception receptie rezeption recepcion recepcao recepcja recepce accueil empfang receptionist
frontdesk front-desk enquiries enquiry inquiries inquiry anfrage anfragen consultas consulta question questions fragen
perguntas ask request requests team equipe equipo staff all everyone everybody company firma empresa group admissions
registrar enrollment enrolment zayavka zakaz sekretar priemnaya pochta pismo mailinfo
"""
_SALES = """
sales sale salesteam vendas venda ventas venta vente ventes vendite vertrieb verkauf verkoop verkauft salg forsaljning
myynti sprzedaz prodej predaj prodaja prodazha prodazhi satis ertekesites vanzari muuk pardavimai pirkimai commercial
comercial comerciale commerciale commercial-team handel handlowy obchod trade export exports import imports
exportacion exportacao orders order pedidos pedido bestellung bestellungen commande commandes ordini ordine zamowienia
zamowienie objednavky siparis order-desk quote quotes quotation quotations cotacao cotacoes cotizacion cotizaciones
orcamento orcamentos presupuesto presupuestos devis angebot angebote oferta oferty offer offers rfq tender tenders
licitacao licitacoes licitaciones booking bookings reservas reserva reservation reservations reservierung
reservierungen prenotazioni rezerwacja rezervace rezervasyon shop store tienda loja boutique webshop magazin
bestilling kunden client clients clientes cliente clienti customer customers partner partners partnership partnerships
parceiros reseller resellers dealer dealers affiliate affiliates wholesale retail b2b ecommerce e-commerce marketing
mkt mktg mercadeo mercadotecnia marketing-team werbung publicidade publicidad pubblicita reklama reklam advertising
ads promo promotion promotions events event eventos eventi evenements veranstaltungen growth business
businessdevelopment bizdev bd
"""
_SERVICE = """
service services servicio servicios servico servicos servis servizio serwis kundenservice kundendienst kundeservice
kundtjanst kundesenter klantenservice asiakaspalvelu obsluga customerservice customer-service customercare
customer-care customersupport customersuccess care sac atendimento atencion atencionalcliente atendimentoaocliente
serviceclient assistenza assistance asistencia suporte soporte supporto podpora pomoc tuki techsupport tech-support
technical tecnico tecnica technik technique tech destek ugyfelszolgalat podrska feedback opinion reclamacoes
reclamaciones complaints ouvidoria warranty garantia garantie maintenance manutencao mantenimiento returns repair
repairs logistica logistics logistik shipping delivery dispatch expedition expedicao lager warehouse transport
verzending
"""
_MONEY = """
accounts account accounting accountspayable accounts-payable accountsreceivable ap ar billing bill invoice invoices
invoicing finance finances financeiro finanzas finanzen finanze finans finanse fatura faturas faturamento facturacion
facturas factura facturation facture factures facturen fattura fatture fatturazione rechnung rechnungen faktura
faktury fakturor fakturace faktura-pl fatture-elettroniche laskut laskutus muhasebe contabilidade contabilidad
contabilita comptabilite compta buchhaltung boekhouding administratie bogholderi ekonomi regnskap kirjanpito
ksiegowosc uctarna ucetni konyveles buhgalteria bukhgalteria buh contabilitate payroll folha nomina treasury
tesouraria tesoreria cobranca cobranzas cobros kasse controller controlling purchasing purchase purchases procurement
compras compra acquisti achats einkauf inkoop inkop indkob ostot zakupy nakup nabava satinalma beszerzes buyer buyers
suppliers supplier fornecedores proveedores fornitori fournisseurs payments payment pagamentos pagos paiements tax
taxes fiscal steuer audit controladoria donations donate spenden
"""
_PEOPLE = """
hr humanresources human-resources rh recursoshumanos recursos-humanos ressourceshumaines rrhh personal personnel
personale personalabteilung personalas kadry kadrovska job jobs career careers carreiras carrera carreras karriere
kariera kariyer recruiting recruitment recruiter recrutement recrutamento reclutamiento selecao seleccion talent
talents talentos vagas empleo empleos emprego empregos emploi emplois bewerbung bewerbungen stellen rekrutacja
rekrytering rekruttering praca prace allas lavoraconnoi lavora-con-noi trabalheconosco trabalhe-conosco
trabajaconnosotros curriculum curriculos cv resume resumes stage internship internships hiring apply jobb resurse ik
insankaynaklari
"""
_HOUSE = """
press presse prensa imprensa stampa prasa media medien pr publicrelations public-relations comunicacao comunicacion
communication communications comunicazione kommunikation comms redaktion redaccion redacao redazione redakcja editor
editorial editors investor investors investorrelations investor-relations ir ri legal juridico giuridico recht
compliance privacy datenschutz gdpr dpo rgpd lgpd dataprotection data-protection privacidade privacidad ethics quality
qualidade calidad qualitaet qa qc safety operations ops operacoes operaciones produktion producao produccion
production project projects projetos management manager managers director directors directie diretoria direcao
direccion direction direzione direktion leitung geschaeftsleitung geschaeftsfuehrung gerencia gerente board ceo cfo
cto coo cio vorstand president presidencia presidente presidence dyrekcja reditel vezetoseg administracao
administracion administration amministrazione verwaltung adm admin-office admins administracja administrativo
administrador development design designer dev developers developer engineering research library biblioteca bibliothek
bibliotheque student students alumni faculty dean school university hospital clinic museum training academy education
"""
ROLE_MAILBOXES: frozenset[str] = frozenset(
    word for table in (_INTERNET, _CONTACT, _SALES, _SERVICE, _MONEY, _PEOPLE, _HOUSE) for word in table.split()
)
"""Local parts, in lower case, that name a function. RFC 2142 names the oldest of them."""

_PARTS = re.compile(r"[._\-+0-9]+")
_UNSURE = """
mail email e-mail all list test bot null general central personal stage kasse post recht ola ask care adm ir ri pr
bd ap ar it ik soc bill store business media dean handel lager president design dev editor director manager
"""
_SURE = ROLE_MAILBOXES - frozenset(_UNSURE.split())
"""Words that make a role of a longer local part too (``info-brazil``); the others may stand beside a name."""
_BESIDE = "the of de do da to and e y et und fr en pt br us uk eu es la int intl global our your my"
_SMALL = frozenset(_BESIDE.split())


@lru_cache(maxsize=1 << 14)
def _is_role(local: str) -> bool:
    if local in ROLE_MAILBOXES:
        return True
    if local.isalpha():
        return local in _SMALL
    parts = [part for part in _PARTS.split(local) if part]
    if "".join(parts) in ROLE_MAILBOXES:
        return True
    if len(parts) > 1 and (parts[0] in _SURE or parts[-1] in _SURE):
        return True
    return bool(parts) and all(part in ROLE_MAILBOXES or part in _SMALL for part in parts)


def is_role(local_part: str) -> bool:
    """Tell whether the part of an address before the ``@`` names a function and not a person."""
    return _is_role(fold(local_part[:64].partition("@")[0].partition("+")[0]))
