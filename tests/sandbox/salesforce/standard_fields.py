"""The tables that :mod:`.standard` reads: the fields of each standard object."""

from __future__ import annotations

_SYSTEM = """
IsDeleted boolean "Deleted" ro
CreatedDate datetime ro
CreatedById reference ro ->User/CreatedBy
LastModifiedDate datetime ro
LastModifiedById reference ro ->User/LastModifiedBy
SystemModstamp datetime ro
"""
_NAME = """
LastName string(80) ! @Name
FirstName string(40) @Name
Salutation picklist(40) @Name [Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.]
Name string(121) "Full Name" ro
"""
_SOURCES = "[Web|Phone Inquiry|Partner Referral|Purchased List|Other]"
_INDUSTRIES = (
    "[Agriculture|Banking|Biotechnology|Chemicals|Construction|Consulting|Education|Electronics|Energy|Engineering|"
    "Finance|Government|Healthcare|Insurance|Machinery|Manufacturing|Media|Retail|Technology|Telecommunications|"
    "Transportation|Utilities|Other]"
)


def _address(prefix: str, compound: str) -> str:
    label = f"{prefix} " if prefix else ""
    return f"""
{prefix}Street textarea(255) @{compound}
{prefix}City string(40) @{compound}
{prefix}State string(80) "{label}State/Province" @{compound}
{prefix}PostalCode string(20) "{label}Zip/Postal Code" @{compound}
{prefix}Country string(80) @{compound}
{prefix}Latitude double(18,15) @{compound}
{prefix}Longitude double(18,15) @{compound}
{prefix}GeocodeAccuracy picklist(40) @{compound}
{compound} address ro
""".strip()


def _table(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts)


OBJECTS: dict[str, str] = {
    "Lead 00Q index=Email,OwnerId,SystemModstamp,Company,LastName,Phone,ConvertedAccountId": _table(
        "Id id ro\nMasterRecordId reference ro ->Lead/MasterRecord",
        _NAME,
        f"""
Title string(128)
Company string(255) !
{_address("", "Address")}
Phone phone
MobilePhone phone
Fax phone
Email email
Website url
Description textarea(32000)
LeadSource picklist {_SOURCES}
Status picklist ! =Open+-+Not+Contacted [Open - Not Contacted|Working - Contacted|Closed - Converted|\
Closed - Not Converted]
Industry picklist {_INDUSTRIES}
Rating picklist [Hot|Warm|Cold]
AnnualRevenue currency(18,0)
NumberOfEmployees int(8)
OwnerId reference ! ->Group|User/Owner
HasOptedOutOfEmail boolean
HasOptedOutOfFax boolean
DoNotCall boolean
IsConverted boolean "Converted" ro
ConvertedDate date ro
ConvertedAccountId reference ro ->Account/ConvertedAccount
ConvertedContactId reference ro ->Contact/ConvertedContact
ConvertedOpportunityId reference ro ->Opportunity/ConvertedOpportunity
IsUnreadByOwner boolean =true
LastTransferDate date ro
LastActivityDate date ro
EmailBouncedReason string(255) ro
EmailBouncedDate datetime ro
""",
        _SYSTEM,
    ),
    "Contact 003 index=Email,OwnerId,SystemModstamp,AccountId,LastName,Phone": _table(
        "Id id ro\nMasterRecordId reference ro ->Contact/MasterRecord\nAccountId reference ->Account/Account",
        _NAME,
        f"""
{_address("Other", "OtherAddress")}
{_address("Mailing", "MailingAddress")}
Phone phone
Fax phone
MobilePhone phone
HomePhone phone
OtherPhone phone
AssistantPhone phone
ReportsToId reference ->Contact/ReportsTo
Email email
Title string(128)
Department string(80)
AssistantName string(40)
LeadSource picklist {_SOURCES}
Birthdate date
Description textarea(32000)
OwnerId reference ! ->User/Owner
HasOptedOutOfEmail boolean
HasOptedOutOfFax boolean
DoNotCall boolean
EmailBouncedReason string(255)
EmailBouncedDate datetime
LastActivityDate date ro
""",
        _SYSTEM,
    ),
    "Account 001 index=Name,OwnerId,SystemModstamp,Website,ParentId,Phone": _table(
        f"""
Id id ro
MasterRecordId reference ro ->Account/MasterRecord
Name string(255) "Account Name" !
Type picklist [Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|Installation Partner|\
Technology Partner|Other]
ParentId reference ->Account/Parent
{_address("Billing", "BillingAddress")}
{_address("Shipping", "ShippingAddress")}
Phone phone
Fax phone
AccountNumber string(40)
Website url
Sic string(20)
Industry picklist {_INDUSTRIES}
AnnualRevenue currency(18,0)
NumberOfEmployees int(8)
Ownership picklist [Public|Private|Subsidiary|Other]
TickerSymbol string(20)
Description textarea(32000)
Rating picklist [Hot|Warm|Cold]
Site string(80)
OwnerId reference ! ->User/Owner
AccountSource picklist {_SOURCES}
LastActivityDate date ro
""",
        _SYSTEM,
    ),
    "Opportunity 006 index=AccountId,OwnerId,SystemModstamp": _table(
        f"""
Id id ro
AccountId reference ->Account/Account
Name string(120) "Opportunity Name" !
Description textarea(32000)
StageName picklist ! [Prospecting|Qualification|Needs Analysis|Proposal/Price Quote|Negotiation/Review|\
Closed Won|Closed Lost]
Amount currency(18,2)
Probability percent(3,0)
CloseDate date !
Type picklist [Existing Customer - Upgrade|New Customer]
LeadSource picklist {_SOURCES}
IsClosed boolean ro
IsWon boolean ro
OwnerId reference ! ->User/Owner
ContactId reference once ->Contact/Contact
LastActivityDate date ro
""",
        _SYSTEM,
    ),
    "Task 00T index=WhoId,WhatId,OwnerId,SystemModstamp": _table(
        """
Id id ro
WhoId reference "Name ID" ->Contact|Lead/Who
WhatId reference "Related To ID" ->Account|Opportunity/What
AccountId reference ro ->Account/Account
Subject string(255)
ActivityDate date "Due Date Only"
Status picklist ! =Not+Started [Not Started|In Progress|Completed|Waiting on someone else|Deferred]
Priority picklist ! =Normal [High|Normal|Low]
OwnerId reference "Assigned To ID" ! ->Group|User/Owner
Description textarea(32000)
IsClosed boolean ro
CompletedDateTime datetime ro
IsReminderSet boolean
ReminderDateTime datetime
TaskSubtype picklist once =Task [[Task|Email|ListEmail|Call|LinkedIn|Cadence]]
""",
        _SYSTEM,
    ),
    "Event 00U index=WhoId,WhatId,OwnerId,SystemModstamp": _table(
        """
Id id ro
WhoId reference "Name ID" ->Contact|Lead/Who
WhatId reference "Related To ID" ->Account|Opportunity/What
AccountId reference ro ->Account/Account
Subject string(255)
Location string(255)
IsAllDayEvent boolean "All-Day Event"
ActivityDateTime datetime "Due Date Time"
ActivityDate date "Due Date Only"
DurationInMinutes int(8) "Duration"
StartDateTime datetime
EndDateTime datetime
Description textarea(32000)
OwnerId reference "Assigned To ID" ! ->User/Owner
IsReminderSet boolean
ReminderDateTime datetime
""",
        _SYSTEM,
    ),
    "User 005 index=Username,Email,IsActive": _table(
        f"""
Id id ro
Username string(80) ! unique
LastName string(80) ! @Name
FirstName string(40) @Name
Name string(121) "Full Name" ro
CompanyName string(80)
Division string(80)
Department string(80)
Title string(80)
{_address("", "Address")}
Email email !
Phone phone
MobilePhone phone
Alias string(8) !
IsActive boolean "Active" =true
UserRoleId reference ->UserRole/UserRole
ProfileId reference ! ->Profile/Profile
ManagerId reference ->User/Manager
UserType picklist ro =Standard [[Standard|CsnOnly|AutomatedProcess]]
TimeZoneSidKey picklist ! =America/Los_Angeles
LocaleSidKey picklist ! =en_US
LanguageLocaleKey picklist ! =en_US
EmailEncodingKey picklist ! =UTF-8
FederationIdentifier string(512)
""",
        _SYSTEM.replace('IsDeleted boolean "Deleted" ro', ""),
    ),
    "Group 00G": _table(
        """
Id id ro
Name string(40) !
DeveloperName string(80)
RelatedId reference ro ->User/Related
Type picklist ! =Regular once [[Regular|Queue|Role|Organization]]
Email email
OwnerId reference ro ->User/Owner
DoesIncludeBosses boolean
""",
        _SYSTEM.replace('IsDeleted boolean "Deleted" ro', ""),
    ),
    "GroupMember 011 index=GroupId,UserOrGroupId": """
Id id ro
GroupId reference ! ->Group/Group
UserOrGroupId reference ! ->Group|User/UserOrGroup
SystemModstamp datetime ro
""",
    "QueueSobject 03g index=QueueId": """
Id id ro
QueueId reference ! ->Group/Queue
SobjectType picklist !
CreatedById reference ro ->User/CreatedBy
SystemModstamp datetime ro
""",
    "UserRole 00E": """
Id id ro
Name string(80) !
DeveloperName string(80)
ParentRoleId reference ->UserRole/ParentRole
SystemModstamp datetime ro
""",
    "Profile 00e": """
Id id ro
Name string(255) !
UserType picklist
SystemModstamp datetime ro
""",
    "PermissionSet 0PS index=ProfileId": """
Id id ro
Name string(80) !
Label string(80) !
IsOwnedByProfile boolean ro
ProfileId reference ro ->Profile/Profile
NamespacePrefix string(15) ro
IsCustom boolean ro
SystemModstamp datetime ro
""",
    "PermissionSetAssignment 0Pa index=AssigneeId,PermissionSetId": """
Id id ro
PermissionSetId reference ! ->PermissionSet/PermissionSet
AssigneeId reference ! ->User/Assignee
IsActive boolean ro =true
SystemModstamp datetime ro
""",
    "ObjectPermissions 110 index=ParentId,SobjectType": """
Id id ro
ParentId reference ! ->PermissionSet/Parent
SobjectType picklist !
PermissionsCreate boolean
PermissionsRead boolean
PermissionsEdit boolean
PermissionsDelete boolean
PermissionsViewAllRecords boolean
PermissionsModifyAllRecords boolean
SystemModstamp datetime ro
""",
    "FieldPermissions 01k index=ParentId": """
Id id ro
ParentId reference ! ->PermissionSet/Parent
SobjectType picklist !
Field picklist !
PermissionsEdit boolean
PermissionsRead boolean
SystemModstamp datetime ro
""",
    "UserPermissionAccess 0UA readonly": """
Id id ro
""",
    "Organization 00D readonly": """
Id id ro
Name string(80)
InstanceName string(5)
IsSandbox boolean
OrganizationType picklist
PrimaryContact string(80)
Country string(80)
TimeZoneSidKey picklist
LanguageLocaleKey picklist
DefaultLocaleSidKey picklist
NamespacePrefix string(15)
TrialExpirationDate datetime
CreatedDate datetime ro
SystemModstamp datetime ro
""",
    "CustomNotificationType 0ML tooling": """
Id id ro
DeveloperName string(80) !
MasterLabel string(80) !
Language picklist =en_US
CustomNotifTypeName string(80)
Description textarea(255)
Desktop boolean
Mobile boolean
NamespacePrefix string(15) ro
SystemModstamp datetime ro
""",
}
