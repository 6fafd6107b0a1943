"""The tables of what hangs on leads, contacts and accounts: campaigns, roles, files, notes; see :mod:`.standard`."""

from __future__ import annotations

_SYSTEM = """\
IsDeleted boolean "Deleted" ro
CreatedDate datetime ro
CreatedById reference ro ->User/CreatedBy
LastModifiedDate datetime ro
LastModifiedById reference ro ->User/LastModifiedBy
SystemModstamp datetime ro
"""

RELATED_OBJECTS: dict[str, str] = {
    "Campaign 701": """
Id id ro
Name string(80) "Campaign Name" !
Status picklist [Planned|In Progress|Completed|Aborted]
OwnerId reference ! ->User/Owner
"""
    + _SYSTEM,
    "CampaignMember 00v index=CampaignId,LeadId,ContactId": """
Id id ro
CampaignId reference once ! ->Campaign/Campaign
LeadId reference once ->Lead/Lead
ContactId reference once ->Contact/Contact
Status picklist =Sent [Sent|Responded]
"""
    + _SYSTEM,
    "OpportunityContactRole 00K index=OpportunityId,ContactId": """
Id id ro
OpportunityId reference once ! ->Opportunity/Opportunity
ContactId reference ! ->Contact/Contact
Role picklist [Decision Maker|Evaluator|Influencer|Other]
IsPrimary boolean "Primary"
"""
    + _SYSTEM,
    "ContentDocument 069": """
Id id ro
Title string(255) !
OwnerId reference ! ->User/Owner
"""
    + _SYSTEM,
    "ContentDocumentLink 06A index=ContentDocumentId,LinkedEntityId": """
Id id ro
ContentDocumentId reference once ! ->ContentDocument/ContentDocument
LinkedEntityId reference once ! ->Account|Contact|Lead|Opportunity/LinkedEntity
ShareType picklist =V [[V|C|I]]
Visibility picklist =AllUsers [[AllUsers|InternalUsers|SharedUsers]]
IsDeleted boolean "Deleted" ro
SystemModstamp datetime ro
""",
    "Note 002 index=ParentId": """
Id id ro
ParentId reference ! ->Account|Contact|Lead|Opportunity/Parent
Title string(80) !
Body textarea(32000)
OwnerId reference ! ->User/Owner
"""
    + _SYSTEM,
    "LeadStatus 01J readonly": """
Id id ro
ApiName string(255) ro
MasterLabel string(255) ro
SortOrder int(4) ro
IsDefault boolean ro
IsConverted boolean ro
SystemModstamp datetime ro
""",
}
SAME_TWICE = {
    "CampaignMember": "CampaignId",
    "OpportunityContactRole": "OpportunityId",
    "ContentDocumentLink": "ContentDocumentId",
}
"""Objects that hold no two rows of a record for one other -> the field that names the other. Of two such rows a merge
keeps the master's and deletes the other one."""
GOVERNED = {"CampaignMember": "Campaign", "OpportunityContactRole": "Opportunity"}
"""Objects without rights of their own -> the object whose rights count."""
OF_EVERYBODY = frozenset({"ContentDocument", "ContentDocumentLink", "Note"})
"""Objects that who may see the record may read and write."""
