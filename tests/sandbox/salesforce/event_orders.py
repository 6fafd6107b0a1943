"""The order of the fields in each standard object's change event.

The Lead order up to LastModifiedById is the one of the documented lead conversion events; Account and Contact follow
recorded Avro schemas. Where no recording exists (Opportunity, Task, User, and the end of Lead) the order is ours.
"""

from __future__ import annotations

EVENT_ORDERS: dict[str, str] = {
    "Lead": """
Name Title Company Address Phone MobilePhone Fax Email Website Description LeadSource Status Industry Rating
AnnualRevenue NumberOfEmployees OwnerId HasOptedOutOfEmail IsConverted ConvertedDate ConvertedAccountId
ConvertedContactId ConvertedOpportunityId IsUnreadByOwner CreatedDate CreatedById LastModifiedDate
LastModifiedById DoNotCall HasOptedOutOfFax LastTransferDate EmailBouncedReason EmailBouncedDate
""",
    "Contact": """
AccountId Name OtherAddress MailingAddress Phone Fax MobilePhone HomePhone OtherPhone AssistantPhone
ReportsToId Email Title Department AssistantName LeadSource Birthdate Description OwnerId HasOptedOutOfEmail
HasOptedOutOfFax DoNotCall CreatedDate CreatedById LastModifiedDate LastModifiedById EmailBouncedReason
EmailBouncedDate
""",
    "Account": """
Name Type ParentId BillingAddress ShippingAddress Phone Fax AccountNumber Website Sic Industry AnnualRevenue
NumberOfEmployees Ownership TickerSymbol Description Rating Site OwnerId CreatedDate CreatedById
LastModifiedDate LastModifiedById AccountSource
""",
    "Opportunity": """
AccountId Name Description StageName Amount Probability CloseDate Type LeadSource IsClosed IsWon OwnerId
CreatedDate CreatedById LastModifiedDate LastModifiedById ContactId
""",
    "Task": """
WhoId WhatId Subject ActivityDate Status Priority OwnerId Description IsClosed CreatedDate CreatedById
LastModifiedDate LastModifiedById IsReminderSet ReminderDateTime TaskSubtype CompletedDateTime
""",
    "User": """
Username Name CompanyName Division Department Title Address Email Phone MobilePhone Alias IsActive UserRoleId
ProfileId ManagerId UserType CreatedDate CreatedById LastModifiedDate LastModifiedById
""",
}
