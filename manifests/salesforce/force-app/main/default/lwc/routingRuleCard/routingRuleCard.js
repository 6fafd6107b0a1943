/**
 * The card on Routing Rule records: its state, its errors beside the lines they are in, and who of a pool got what.
 */
import { LightningElement, api, wire } from 'lwc';
import { getFieldDisplayValue, getFieldValue, getRecord } from 'lightning/uiRecordApi';
import DEFINITION from '@salesforce/schema/Routing_Rule__c.Definition__c';
import ERROR from '@salesforce/schema/Routing_Rule__c.Error__c';
import KIND from '@salesforce/schema/Routing_Rule__c.Kind__c';
import NAME from '@salesforce/schema/Routing_Rule__c.Name';
import STANDING from '@salesforce/schema/Routing_Rule__c.Standing__c';
import STATE from '@salesforce/schema/Routing_Rule__c.State__c';
import VERSION from '@salesforce/schema/Routing_Rule__c.Version__c';
import { faults, marked, standing, stateOf } from 'c/ruleText';
import { RULE } from 'c/texts';
import { amount, complaint, fill } from 'c/wording';

const STYLES = {
    live: 'slds-badge slds-theme_success',
    draft: 'slds-badge',
    retired: 'slds-badge slds-badge_lightest'
};
const BADGES = { live: RULE.live, draft: RULE.draft, retired: RULE.retired };
/** Differences in leads below this are none, as in the console. */
const LEVEL = 0.005;

export default class RoutingRuleCard extends LightningElement {
    /** The Routing Rule record of the page. */
    @api recordId;

    text = RULE;
    needed = [NAME];
    wanted = [DEFINITION, ERROR, KIND, STANDING, STATE, VERSION];
    record;
    failure;

    @wire(getRecord, { recordId: '$recordId', fields: '$needed', optionalFields: '$wanted' })
    takeRecord({ data, error }) {
        if (data) {
            this.record = data;
            this.failure = undefined;
        } else if (error) {
            this.failure = complaint(error);
        }
    }

    get isLoading() {
        return !this.record && !this.failure;
    }

    get isShown() {
        return Boolean(this.record) && !this.failure;
    }

    get failedText() {
        return fill(RULE.failed, this.failure);
    }

    get version() {
        return getFieldValue(this.record, VERSION);
    }

    get state() {
        return stateOf(getFieldValue(this.record, STATE), this.version);
    }

    get stateLabel() {
        return BADGES[this.state];
    }

    get stateStyle() {
        return STYLES[this.state];
    }

    get kind() {
        return getFieldDisplayValue(this.record, KIND) ?? getFieldValue(this.record, KIND);
    }

    /** What the state means; nothing beside errors, which say more. */
    get stateText() {
        if (this.state === 'retired') {
            return RULE.retiredHint;
        }
        if (this.state === 'draft') {
            return RULE.draftHint;
        }
        if (this.errors.length) {
            return '';
        }
        return this.version ? fill(RULE.liveAs, this.version) : RULE.unread;
    }

    get errors() {
        return faults(getFieldValue(this.record, ERROR)).map((fault) => ({
            ...fault,
            place: fault.line ? fill(RULE.line, fault.line) : ''
        }));
    }

    get hasErrors() {
        return this.errors.length > 0;
    }

    get isFaultless() {
        return !this.hasErrors && Boolean(this.version);
    }

    get lines() {
        return marked(getFieldValue(this.record, DEFINITION), this.errors).map((line) => ({
            ...line,
            style: line.isWrong ? 'slds-theme_error' : ''
        }));
    }

    get isPool() {
        return getFieldValue(this.record, KIND) === 'pool';
    }

    get standing() {
        const { shares, notes } = standing(getFieldValue(this.record, STANDING));
        const most = Math.max(1, ...shares.flatMap((each) => [each.received, each.entitled]));
        return { notes, rows: shares.map((each) => row(each, most)), total: total(shares) };
    }
}

function row({ key, name, received, entitled }, most) {
    return {
        key,
        name,
        received: amount(received),
        entitled: amount(entitled),
        difference: difference(received - entitled),
        bar: `width: ${(100 * received) / most}%`,
        mark: `left: ${(100 * entitled) / most}%`
    };
}

function difference(leads) {
    if (Math.abs(leads) < LEVEL) {
        return RULE.level;
    }
    return fill(leads > 0 ? RULE.ahead : RULE.behind, amount(Math.abs(leads)));
}

function total(shares) {
    return amount(shares.reduce((sum, each) => sum + each.received, 0));
}
