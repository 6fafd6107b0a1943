"""The object types and the properties that every portal has from the start.

A property line reads ``name:type[=option|option]`` with flags after it: ``!`` read-only, ``*``
unique, ``~`` calculated.
Without a type it is a line of text. Labels are made from the names; HubSpot's own differ and nothing leans on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HUBSPOT_BIRTH = "2019-08-06T02:41:08.029Z"


@dataclass(frozen=True)
class ObjectType:
    """One kind of record. `id` like 0-1; `plural` is its name in paths; `scope` the noun in its scopes.

    `app`: it came with an app, which has scopes of its own for it ([U] their spelling).
    """

    id: str
    singular: str
    plural: str
    scope: str
    created: str
    updated: str
    shown: tuple[str, ...]
    required: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    mergeable: bool = False
    # The tasks and notes guides: "unknown and read-only properties are ignored on update".
    lenient_update: bool = False
    app: bool = False

    def read_scope(self) -> str:
        """Return the scope that reading needs."""
        if self.app:
            return f"crm.app.objects.{self.plural}.view"
        return f"crm.objects.{self.scope}.read"

    def write_scope(self) -> str:
        """Return the scope that writing needs."""
        if self.app:
            return f"crm.app.objects.{self.plural}.edit"
        return f"crm.objects.{self.scope}.write"


@dataclass(frozen=True)
class Property:
    """One property definition of one object type in one portal."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[dict[str, Any], ...] = ()
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    hubspot: bool = True
    description: str = ""
    archived: bool = False
    created_at: str = HUBSPOT_BIRTH
    updated_at: str = HUBSPOT_BIRTH
    values: frozenset[str] = field(default=frozenset(), compare=False)

    def body(self) -> dict[str, Any]:
        """Return it as the properties API shows it."""
        return {
            "updatedAt": self.updated_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": list(self.options),
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": False,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.hubspot,
            "formField": not self.read_only,
            "modificationMetadata": {
                "archivable": not self.hubspot,
                "readOnlyDefinition": self.hubspot,
                "readOnlyValue": self.read_only,
            },
        }


def _activity(type_id: str, singular: str, plural: str) -> ObjectType:
    """Return a kind of activity. [U] That meetings, e-mails and messages go by the scopes of contacts, as tasks do."""
    return ObjectType(
        type_id,
        singular,
        plural,
        "contacts",
        "hs_createdate",
        "hs_lastmodifieddate",
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        required=("hs_timestamp",),
        lenient_update=True,
    )


STANDARD_TYPES = {
    kind.id: kind
    for kind in (
        ObjectType(
            "0-1",
            "contact",
            "contacts",
            "contacts",
            "createdate",
            "lastmodifieddate",
            ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
            mergeable=True,
        ),
        ObjectType(
            "0-2",
            "company",
            "companies",
            "companies",
            "createdate",
            "hs_lastmodifieddate",
            ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
            mergeable=True,
        ),
        ObjectType(
            "0-3",
            "deal",
            "deals",
            "deals",
            "createdate",
            "hs_lastmodifieddate",
            (
                "amount",
                "closedate",
                "createdate",
                "dealname",
                "dealstage",
                "hs_lastmodifieddate",
                "hs_object_id",
                "pipeline",
            ),
        ),
        ObjectType(
            "0-136",
            "lead",
            "leads",
            "leads",
            "hs_createdate",
            "hs_lastmodifieddate",
            ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
            required=("hs_lead_name",),
        ),
        _activity("0-27", "task", "tasks"),
        _activity("0-48", "call", "calls"),
        _activity("0-46", "note", "notes"),
        _activity("0-47", "meeting", "meetings"),
        _activity("0-49", "email", "emails"),
        _activity("0-18", "communication", "communications"),
    )
}

STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
# Of every stage HubSpot keeps when a record came to it; here of these two. [U] The spelling of the names.
DATED_STAGES = ("opportunity", "customer")
# The stages of the pipeline that every portal starts with; the last two close a deal.
OPEN_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
)
WON, LOST = "closedwon", "closedlost"
_STATUS = "NEW|OPEN|IN_PROGRESS|OPEN_DEAL|UNQUALIFIED|ATTEMPTED_TO_CONTACT|CONNECTED|BAD_TIMING"
_SOURCE = (
    "ORGANIC_SEARCH|PAID_SEARCH|EMAIL_MARKETING|SOCIAL_MEDIA|REFERRALS|OTHER_CAMPAIGNS|DIRECT_TRAFFIC|OFFLINE|"
    "PAID_SOCIAL|AI_REFERRALS"
)
_INDUSTRIES = """
ACCOUNTING AIRLINES_AVIATION ALTERNATIVE_DISPUTE_RESOLUTION ALTERNATIVE_MEDICINE ANIMATION APPAREL_FASHION
ARCHITECTURE_PLANNING ARTS_AND_CRAFTS AUTOMOTIVE AVIATION_AEROSPACE BANKING BIOTECHNOLOGY BROADCAST_MEDIA
BUILDING_MATERIALS BUSINESS_SUPPLIES_AND_EQUIPMENT CAPITAL_MARKETS CHEMICALS CIVIC_SOCIAL_ORGANIZATION
CIVIL_ENGINEERING COMMERCIAL_REAL_ESTATE COMPUTER_NETWORK_SECURITY COMPUTER_GAMES COMPUTER_HARDWARE
COMPUTER_NETWORKING COMPUTER_SOFTWARE INTERNET CONSTRUCTION CONSUMER_ELECTRONICS CONSUMER_GOODS CONSUMER_SERVICES
COSMETICS DAIRY DEFENSE_SPACE DESIGN EDUCATION_MANAGEMENT E_LEARNING ELECTRICAL_ELECTRONIC_MANUFACTURING ENTERTAINMENT
ENVIRONMENTAL_SERVICES EVENTS_SERVICES EXECUTIVE_OFFICE FACILITIES_SERVICES FARMING FINANCIAL_SERVICES FINE_ART FISHERY
FOOD_BEVERAGES FOOD_PRODUCTION FUND_RAISING FURNITURE GAMBLING_CASINOS GLASS_CERAMICS_CONCRETE
GOVERNMENT_ADMINISTRATION GOVERNMENT_RELATIONS GRAPHIC_DESIGN HEALTH_WELLNESS_AND_FITNESS HIGHER_EDUCATION
HOSPITAL_HEALTH_CARE HOSPITALITY HUMAN_RESOURCES IMPORT_AND_EXPORT INDIVIDUAL_FAMILY_SERVICES INDUSTRIAL_AUTOMATION
INFORMATION_SERVICES INFORMATION_TECHNOLOGY_AND_SERVICES INSURANCE INTERNATIONAL_AFFAIRS
INTERNATIONAL_TRADE_AND_DEVELOPMENT INVESTMENT_BANKING INVESTMENT_MANAGEMENT JUDICIARY LAW_ENFORCEMENT LAW_PRACTICE
LEGAL_SERVICES LEGISLATIVE_OFFICE LEISURE_TRAVEL_TOURISM LIBRARIES LOGISTICS_AND_SUPPLY_CHAIN LUXURY_GOODS_JEWELRY
MACHINERY MANAGEMENT_CONSULTING MARITIME MARKET_RESEARCH MARKETING_AND_ADVERTISING MECHANICAL_OR_INDUSTRIAL_ENGINEERING
MEDIA_PRODUCTION MEDICAL_DEVICES MEDICAL_PRACTICE MENTAL_HEALTH_CARE MILITARY MINING_METALS MOTION_PICTURES_AND_FILM
MUSEUMS_AND_INSTITUTIONS MUSIC NANOTECHNOLOGY NEWSPAPERS NON_PROFIT_ORGANIZATION_MANAGEMENT OIL_ENERGY ONLINE_MEDIA
OUTSOURCING_OFFSHORING PACKAGE_FREIGHT_DELIVERY PACKAGING_AND_CONTAINERS PAPER_FOREST_PRODUCTS PERFORMING_ARTS
PHARMACEUTICALS PHILANTHROPY PHOTOGRAPHY PLASTICS POLITICAL_ORGANIZATION PRIMARY_SECONDARY_EDUCATION PRINTING
PROFESSIONAL_TRAINING_COACHING PROGRAM_DEVELOPMENT PUBLIC_POLICY PUBLIC_RELATIONS_AND_COMMUNICATIONS PUBLIC_SAFETY
PUBLISHING RAILROAD_MANUFACTURE RANCHING REAL_ESTATE RECREATIONAL_FACILITIES_AND_SERVICES RELIGIOUS_INSTITUTIONS
RENEWABLES_ENVIRONMENT RESEARCH RESTAURANTS RETAIL SECURITY_AND_INVESTIGATIONS SEMICONDUCTORS SHIPBUILDING
SPORTING_GOODS SPORTS STAFFING_AND_RECRUITING SUPERMARKETS TELECOMMUNICATIONS TEXTILES THINK_TANKS TOBACCO
TRANSLATION_AND_LOCALIZATION TRANSPORTATION_TRUCKING_RAILROAD UTILITIES VENTURE_CAPITAL_PRIVATE_EQUITY VETERINARY
WAREHOUSING WHOLESALE WINE_AND_SPIRITS WIRELESS WRITING_AND_EDITING MOBILE_GAMES
"""

EVERY_TYPE = """
hs_object_id:number!  hs_merged_object_ids:enumeration!  hubspot_owner_id:enumeration  hubspot_team_id:enumeration!
hubspot_owner_assigneddate:datetime!  hs_all_owner_ids:enumeration!  hs_object_source!  hs_object_source_id!
hs_object_source_label!  hs_created_by_user_id:number!  hs_updated_by_user_id:number!  hs_was_imported:bool!
hs_unique_creation_key*!
"""

# `numemployees` is the contact's own number of employees; `numberofemployees` exists on companies only.
LINES = {
    "0-1": f"""
email*  hs_additional_emails:enumeration!  hs_email_domain!~  work_email  firstname  lastname  salutation  jobtitle
company  website  phone  mobilephone  fax  address  city  state  zip  country  hs_country_region_code  hs_state_code
industry  numemployees:enumeration=1-5|5-25|25-50|50-100|100-500|500-1000|1000+  annualrevenue  message
hs_language:enumeration  hs_timezone:enumeration  hs_lead_status:enumeration={_STATUS}
lifecyclestage:enumeration={"|".join(STAGES)}  associatedcompanyid:number!~  createdate:datetime!
lastmodifieddate:datetime!  hs_analytics_source:enumeration={_SOURCE}!  hs_latest_source:enumeration={_SOURCE}!
recent_conversion_event_name!  recent_conversion_date:datetime!  first_conversion_event_name!
num_conversion_events:number!  notes_last_contacted:datetime!  hs_email_optout:bool  hs_linkedin_url
hs_v2_date_entered_opportunity:datetime!~  hs_v2_date_entered_customer:datetime!~
hs_persona:enumeration  hs_seniority:enumeration  hs_role:enumeration  hubspotscore:number!  ip_country!
ip_country_code!  hs_is_contact:bool!
hs_marketable_status:enumeration!  hs_calculated_phone_number!  total_revenue:number!  num_associated_deals:number!
num_notes:number!
""",
    "0-2": f"""
name  domain  hs_additional_domains:enumeration!  website  phone  address  address2  city  state  zip  country
hs_country_code  hs_state_code  industry:enumeration={"|".join(_INDUSTRIES.split())}  numberofemployees:number
annualrevenue:number  type:enumeration=PROSPECT|PARTNER|RESELLER|VENDOR|OTHER  description  founded_year  timezone
is_public:bool  linkedin_company_page  linkedinbio  twitterhandle  hs_lead_status:enumeration={_STATUS}
lifecyclestage:enumeration={"|".join(STAGES)}  hs_parent_company_id:number!~  hs_num_child_companies:number!~
createdate:datetime!  hs_lastmodifieddate:datetime!  num_associated_contacts:number!~  num_associated_deals:number!~
hs_num_open_deals:number!~  notes_last_updated:datetime!  hs_last_sales_activity_timestamp:datetime!
hs_target_account:enumeration=tier_1|tier_2|tier_3  hs_is_target_account:bool  hs_ideal_customer_profile:enumeration
web_technologies:enumeration  total_money_raised  notes_last_contacted:datetime!
hs_analytics_source:enumeration={_SOURCE}!  num_notes:number!  salesforceaccountid!
""",
    "0-3": f"""
dealname  dealstage:enumeration={"|".join((*OPEN_STAGES, WON, LOST))}  pipeline:enumeration=default  amount:number
closedate:datetime  dealtype:enumeration=newbusiness|existingbusiness  description  deal_currency_code:enumeration
createdate:datetime!  hs_lastmodifieddate:datetime!  hs_is_closed:bool!~  hs_is_closed_won:bool!~
hs_is_closed_lost:bool!~  num_associated_contacts:number!  notes_last_updated:datetime!
""",
    "0-136": """
hs_lead_name  hs_lead_type:enumeration=NEW BUSINESS|RE-ATTEMPTING|UPSELL  hs_lead_label:enumeration=HOT|WARM|COLD
hs_pipeline:enumeration  hs_pipeline_stage:enumeration  hs_createdate:datetime!  hs_lastmodifieddate:datetime!
hs_lead_disqualification_reason:enumeration  hs_lead_disqualification_note  hs_lead_is_open:bool!
""",
    "0-27": """
hs_timestamp:datetime  hs_task_subject  hs_task_body
hs_task_status:enumeration=NOT_STARTED|IN_PROGRESS|WAITING|COMPLETED|DEFERRED
hs_task_priority:enumeration=NONE|LOW|MEDIUM|HIGH  hs_task_type:enumeration=TODO|CALL|EMAIL|LINKED_IN|MEETING
hs_task_reminders  hs_task_completion_date:datetime!  hs_task_is_overdue:bool!  hs_queue_membership_ids:enumeration
hs_createdate:datetime!  hs_lastmodifieddate:datetime!  hs_task_is_completed:number!
""",
    "0-48": """
hs_timestamp:datetime  hs_call_title  hs_call_body  hs_call_status:enumeration=COMPLETED|NO_ANSWER|BUSY|CANCELED
hs_createdate:datetime!  hs_lastmodifieddate:datetime!
""",
    "0-46": """
hs_timestamp:datetime  hs_note_body  hs_body_preview!  hs_attachment_ids  hs_createdate:datetime!
hs_lastmodifieddate:datetime!
""",
}
OTHER_ACTIVITY = "hs_timestamp:datetime  hs_createdate:datetime!  hs_lastmodifieddate:datetime!"
LINES |= dict.fromkeys(("0-47", "0-49", "0-18"), OTHER_ACTIVITY)
CUSTOM_LINES = "hs_createdate:datetime!  hs_lastmodifieddate:datetime!"
FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "bool": ("booleancheckbox",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "phone_number": ("phonenumber",),
}


def standard_properties(type_id: str) -> dict[str, Property]:
    """Return the properties that HubSpot defines for an object type, by name."""
    text = f"{EVERY_TYPE} {LINES.get(type_id, CUSTOM_LINES)}"
    kind = STANDARD_TYPES.get(type_id)
    group = f"{kind.singular}information" if kind else "custominformation"
    # Option values may hold single spaces, so entries are two spaces or a line apart.
    entries = [part for line in text.split("\n") for part in line.strip().split("  ") if part]
    return {prop.name: prop for prop in (_parse(entry, group) for entry in entries)}


def _parse(entry: str, group: str) -> Property:
    flags = entry[len(entry.rstrip("!*~")) :]
    name, _, rest = entry.rstrip("!*~").partition(":")
    kind, _, choices = (rest or "string").partition("=")
    values = [value for value in choices.split("|") if value]
    options = tuple(
        {"label": value.replace("_", " ").capitalize(), "value": value, "displayOrder": number, "hidden": False}
        for number, value in enumerate(values)
    )
    return Property(
        name=name,
        label=name.removeprefix("hs_").replace("_", " ").capitalize(),
        type=kind,
        field_type=FIELD_TYPES[kind][0],
        group=group,
        options=options,
        unique="*" in flags,
        read_only="!" in flags,
        calculated="~" in flags,
        values=frozenset(values),
    )
