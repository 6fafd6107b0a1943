/**
 * The card on leads and contacts: which account, how sure, why, who got it, and what to do when that is wrong.
 *
 * Everything is read and written by Lightning Data Service, as the user: no Apex and no call to another host.
 */
import { LightningElement, api, wire } from 'lwc';
import LightningConfirm from 'lightning/confirm';
import { graphql } from 'lightning/graphql';
import { RefreshEvent, registerRefreshHandler, unregisterRefreshHandler } from 'lightning/refresh';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getFieldValue, getRecord, notifyRecordUpdateAvailable, updateRecord } from 'lightning/uiRecordApi';
import AUDIT from '@salesforce/schema/Routing_Audit__c';
import { readAudit } from 'c/auditStory';
import { CARD } from 'c/texts';
import { complaint, fill, isStale } from 'c/wording';
import { FIELDS } from './fields';
import { LATEST_AUDIT } from './query';
import { offered, requestOf } from './requests';
import { fromAudit, fromStamp } from './telling';

/** Milliseconds between looks for the answer: about two minutes in all. Nothing tells a page of others' changes. */
const PAUSES = [3000, 5000, 8000, 13000, 20000, 30000, 40000];

export default class RoutingCard extends LightningElement {
    /** The object of the record: Lead or Contact. */
    @api objectApiName;

    text = CARD;
    auditObject = AUDIT;
    isStoryShown = false;
    isSending = false;
    isLate = false;
    isDone = false;
    looked = 0;
    record;
    audit;
    recordFailure;
    auditFailure;
    unsent;
    isDenied = false;
    isEditable = false;
    wantsFocus = false;
    shownId;

    /** The record of the page; a page that turns to another one begins anew. */
    @api
    get recordId() {
        return this.shownId;
    }
    set recordId(id) {
        this.stop();
        this.shownId = id;
        this.record = this.audit = this.unsent = undefined;
        this.recordFailure = this.auditFailure = undefined;
        this.isDone = false;
    }

    connectedCallback() {
        // A component registers itself under Lightning Web Security, which we ask for; under Locker it would be its host.
        this.refreshId = registerRefreshHandler(this, () => this.refreshAudit());
    }

    disconnectedCallback() {
        unregisterRefreshHandler(this.refreshId);
        this.stop();
    }

    renderedCallback() {
        if (this.wantsFocus && this.refs.notice) {
            this.wantsFocus = false;
            this.refs.notice.focus();
        }
    }

    get names() {
        return FIELDS[this.objectApiName];
    }

    get needed() {
        return this.names && [this.names.modified];
    }

    get wanted() {
        return this.names && Object.values(this.names);
    }

    get variables() {
        return this.recordId ? { record: this.recordId } : undefined;
    }

    @wire(getRecord, { recordId: '$recordId', fields: '$needed', optionalFields: '$wanted' })
    takeRecord({ data, error }) {
        if (data) {
            const before = this.record;
            this.record = data;
            this.recordFailure = undefined;
            this.follow(before);
        } else if (error) {
            this.recordFailure = complaint(error);
        }
    }

    @wire(graphql, { query: LATEST_AUDIT, variables: '$variables' })
    takeAudit({ data, errors, refresh }) {
        this.refreshWire = refresh ?? this.refreshWire;
        if (data) {
            const node = data.uiapi.query.audits.edges[0]?.node;
            this.audit = node ? readAudit(node) : null;
            this.auditFailure = undefined;
        } else if (errors) {
            this.auditFailure = complaint(errors);
        }
    }

    @wire(getObjectInfo, { objectApiName: '$auditObject' })
    takeAuditInfo({ data, error }) {
        // An object without read permission is described to nobody.
        this.isDenied = !data && Boolean(error);
    }

    @wire(getObjectInfo, { objectApiName: '$objectApiName' })
    takeRecordInfo({ data }) {
        this.isEditable = Boolean(data?.fields[this.names?.request.fieldApiName]?.updateable);
    }

    /** Notes what has become of a request since the record was read before, and has the decision read again. */
    follow(before) {
        const asked = before && getFieldValue(before, this.names.request);
        const now = this.pending;
        if (now) {
            this.isDone = false;
            this.watch();
        } else if (asked) {
            this.stop();
            this.isDone = true;
            this.dispatchEvent(new RefreshEvent());
        }
        if (before && this.value('modified') !== getFieldValue(before, this.names.modified)) {
            this.refreshAudit();
        }
    }

    /** Looks for the answer again and again, with growing pauses, while the page is open. */
    watch() {
        if (this.timer || !this.pending) {
            return;
        }
        const pause = PAUSES[this.looked];
        if (pause === undefined) {
            this.isLate = true;
            return;
        }
        // eslint-disable-next-line @lwc/lwc/no-async-operation -- stopped when the card is taken away
        this.timer = setTimeout(() => {
            this.timer = undefined;
            this.looked += 1;
            notifyRecordUpdateAvailable([{ recordId: this.recordId }]);
            this.watch();
        }, pause);
    }

    stop() {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.looked = 0;
        this.isLate = false;
    }

    /** Reads the decision again; resolves to whether others of the page may be refreshed after it. */
    async refreshAudit() {
        await this.refreshWire?.();
        return true;
    }

    value(name) {
        const field = this.names?.[name];
        return field && this.record ? getFieldValue(this.record, field) : undefined;
    }

    get pending() {
        return this.value('request') || null;
    }

    /** Which of its states the card is in; one block of the template each. */
    get state() {
        if (this.recordFailure) {
            return 'failed';
        }
        if (!this.record) {
            return 'loading';
        }
        const unseen = this.value('decision') ? 'hidden' : 'empty';
        if (this.isDenied) {
            return unseen === 'hidden' ? unseen : 'denied';
        }
        if (this.auditFailure) {
            return 'failed';
        }
        if (this.audit === undefined) {
            return 'loading';
        }
        return this.audit ? 'shown' : unseen;
    }

    get is() {
        return { [this.state]: true };
    }

    get hasFacts() {
        return this.is.shown || this.is.hidden;
    }

    get failedText() {
        return fill(CARD.failed, this.recordFailure ?? this.auditFailure);
    }

    get told() {
        return this.is.shown ? fromAudit(this.audit) : fromStamp((name) => this.value(name));
    }

    get storyLabel() {
        return this.isStoryShown ? CARD.hideStory : CARD.showStory;
    }

    get storyExpanded() {
        return String(this.isStoryShown);
    }

    toggleStory() {
        this.isStoryShown = !this.isStoryShown;
    }

    /** What can be asked for here: nothing on a contact, as the connector answers for leads only. */
    get askable() {
        return this.objectApiName === 'Lead' ? offered(this.told) : [];
    }

    get corrections() {
        const isOff = this.isSending || Boolean(this.pending);
        return this.isEditable ? this.askable.map((request) => ({ ...request, isOff })) : [];
    }

    get mayNotAsk() {
        return !this.isEditable && this.askable.length > 0;
    }

    /** The one thing to say about a request now; the newest of sending, waiting, answered. */
    get notice() {
        const pending = this.pending;
        const said = requestOf(pending)?.label ?? pending;
        if (this.isSending) {
            return { text: CARD.sending, style: 'slds-theme_info' };
        }
        if (this.unsent) {
            return { text: fill(CARD.notSent, this.unsent), style: 'slds-theme_error' };
        }
        if (pending) {
            return { text: fill(this.isLate ? CARD.late : CARD.pending, said), style: 'slds-theme_info' };
        }
        if (this.value('refused')) {
            return { text: fill(CARD.refused, this.value('refused')), style: 'slds-theme_warning' };
        }
        return this.isDone ? { text: CARD.done, style: 'slds-theme_success' } : null;
    }

    get noticeText() {
        return this.notice?.text ?? '';
    }

    get noticeStyle() {
        const notice = this.notice;
        return notice ? `slds-scoped-notification slds-m-bottom_small ${notice.style}` : 'slds-assistive-text';
    }

    async ask(event) {
        const request = requestOf(event.currentTarget.dataset.request);
        if (this.isSending || this.pending) {
            return;
        }
        this.isSending = true;
        this.unsent = undefined;
        this.isDone = false;
        try {
            if (await LightningConfirm.open({ label: request.label, message: request.sure, theme: 'warning' })) {
                await this.send(request);
                this.wantsFocus = true;
            }
        } catch (error) {
            this.unsent = isStale(error) ? CARD.stale : complaint(error);
            this.wantsFocus = true;
            notifyRecordUpdateAvailable([{ recordId: this.recordId }]);
        } finally {
            this.isSending = false;
        }
    }

    /** Writes the request on the record, unless the record has changed since it was shown: then it asks for a new look. */
    send(request) {
        const fields = { Id: this.recordId, [this.names.request.fieldApiName]: request.value };
        return updateRecord({ fields }, { ifUnmodifiedSince: this.value('modified') });
    }
}
