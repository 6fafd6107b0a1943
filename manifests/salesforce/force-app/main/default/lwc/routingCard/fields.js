/**
 * The fields of leads and contacts that the card reads and writes, by object.
 */
import CONTACT_ACCOUNT from '@salesforce/schema/Contact.AccountId';
import CONTACT_ACCOUNT_NAME from '@salesforce/schema/Contact.Account.Name';
import CONTACT_CONFIDENCE from '@salesforce/schema/Contact.Switchyard_Confidence__c';
import CONTACT_DECISION from '@salesforce/schema/Contact.Switchyard_Decision__c';
import CONTACT_MODIFIED from '@salesforce/schema/Contact.LastModifiedDate';
import CONTACT_OWNER from '@salesforce/schema/Contact.OwnerId';
import CONTACT_OWNER_NAME from '@salesforce/schema/Contact.Owner.Name';
import CONTACT_REFUSED from '@salesforce/schema/Contact.Switchyard_Request_Refused__c';
import CONTACT_REQUEST from '@salesforce/schema/Contact.Switchyard_Request__c';
import CONTACT_ROUTED_AT from '@salesforce/schema/Contact.Switchyard_Routed_At__c';
import CONTACT_RULE from '@salesforce/schema/Contact.Switchyard_Rule__c';
import LEAD_ACCOUNT from '@salesforce/schema/Lead.Switchyard_Account__c';
import LEAD_ACCOUNT_NAME from '@salesforce/schema/Lead.Switchyard_Account__r.Name';
import LEAD_CONFIDENCE from '@salesforce/schema/Lead.Switchyard_Confidence__c';
import LEAD_DECISION from '@salesforce/schema/Lead.Switchyard_Decision__c';
import LEAD_MODIFIED from '@salesforce/schema/Lead.LastModifiedDate';
import LEAD_OWNER from '@salesforce/schema/Lead.OwnerId';
import LEAD_OWNER_NAME from '@salesforce/schema/Lead.Owner.Name';
import LEAD_REFUSED from '@salesforce/schema/Lead.Switchyard_Request_Refused__c';
import LEAD_REQUEST from '@salesforce/schema/Lead.Switchyard_Request__c';
import LEAD_ROUTED_AT from '@salesforce/schema/Lead.Switchyard_Routed_At__c';
import LEAD_RULE from '@salesforce/schema/Lead.Switchyard_Rule__c';

/** By object: the request, why the last one was refused, when the record was changed, and the stamp of a decision. */
export const FIELDS = Object.freeze({
    Lead: {
        request: LEAD_REQUEST,
        refused: LEAD_REFUSED,
        modified: LEAD_MODIFIED,
        account: LEAD_ACCOUNT,
        accountName: LEAD_ACCOUNT_NAME,
        confidence: LEAD_CONFIDENCE,
        decision: LEAD_DECISION,
        owner: LEAD_OWNER,
        ownerName: LEAD_OWNER_NAME,
        routedAt: LEAD_ROUTED_AT,
        rule: LEAD_RULE
    },
    Contact: {
        request: CONTACT_REQUEST,
        refused: CONTACT_REFUSED,
        modified: CONTACT_MODIFIED,
        account: CONTACT_ACCOUNT,
        accountName: CONTACT_ACCOUNT_NAME,
        confidence: CONTACT_CONFIDENCE,
        decision: CONTACT_DECISION,
        owner: CONTACT_OWNER,
        ownerName: CONTACT_OWNER_NAME,
        routedAt: CONTACT_ROUTED_AT,
        rule: CONTACT_RULE
    }
});
