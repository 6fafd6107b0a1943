import { createElement } from 'lwc';
import LightningConfirm from 'lightning/confirm';
import { graphql, refresh } from 'lightning/graphql';
import { registerRefreshHandler, unregisterRefreshHandler } from 'lightning/refresh';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getRecord, notifyRecordUpdateAvailable, updateRecord } from 'lightning/uiRecordApi';
import RoutingCard from 'c/routingCard';
import { broken, clear, said, settle } from '../../../../../../jest-mocks/page';

const LEAD = '00Q000000000001AAA';
const SEEN = '2026-11-22T10:00:01.000Z';
const MINUTES = 3 * 60 * 1000;

function record(request = null, refused = null, modified = SEEN) {
    return {
        fields: {
            LastModifiedDate: { value: modified },
            Switchyard_Decision__c: { value: 'key' },
            Switchyard_Account__c: { value: '001000000000001AAA' },
            Switchyard_Request__c: { value: request },
            Switchyard_Request_Refused__c: { value: refused }
        }
    };
}

async function show(now = record(), updateable = true) {
    const card = createElement('c-routing-card', { is: RoutingCard });
    Object.assign(card, { recordId: LEAD, objectApiName: 'Lead' });
    document.body.appendChild(card);
    getObjectInfo.emit({ fields: { Switchyard_Request__c: { updateable } } });
    getRecord.emit(now);
    graphql.emit({ uiapi: { query: { audits: { edges: [] } } } });
    await settle();
    return card;
}

const button = (card, request) => card.shadowRoot.querySelector(`[data-request="${request}"]`);

async function ask(card, request) {
    button(card, request).click();
    await settle();
}

describe('asking for a correction', () => {
    beforeEach(() => {
        jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
        LightningConfirm.open = jest.fn().mockResolvedValue(true);
        updateRecord.mockResolvedValue({});
    });

    afterEach(() => {
        clear();
        jest.useRealTimers();
    });

    it.each([
        ['wrong_match', 'Wrong match'],
        ['wrong_owner', 'Wrong owner'],
        ['undo', 'Undo']
    ])('writes %s on the record as it was seen, once it is confirmed', async (request, label) => {
        const card = await show();
        await ask(card, request);
        expect(LightningConfirm.open).toHaveBeenCalledWith(expect.objectContaining({ label, theme: 'warning' }));
        expect(updateRecord).toHaveBeenCalledWith(
            { fields: { Id: LEAD, Switchyard_Request__c: request } },
            { ifUnmodifiedSince: SEEN }
        );
    });

    it('writes nothing when it is not confirmed', async () => {
        LightningConfirm.open.mockResolvedValue(false);
        const card = await show();
        await ask(card, 'undo');
        expect(updateRecord).not.toHaveBeenCalled();
        expect(button(card, 'undo').disabled).toBe(false);
        expect(said(card, 'notice')).toBe('');
    });

    it('asks once however often one clicks', async () => {
        const card = await show();
        const undo = button(card, 'undo');
        undo.click();
        undo.click();
        await settle();
        getRecord.emit(record('undo'));
        await settle();
        undo.disabled = false;
        undo.click();
        await settle();
        expect(updateRecord).toHaveBeenCalledTimes(1);
    });

    it('says what it is doing while it sends, and the buttons rest', async () => {
        updateRecord.mockReturnValue(new Promise(() => {}));
        const card = await show();
        await ask(card, 'undo');
        expect(said(card, 'notice')).toBe('Sending your request');
        expect(button(card, 'wrong_owner').disabled).toBe(true);
        expect(card.shadowRoot.querySelector('[role="status"]')).not.toBeNull();
    });

    it('looks for the answer, tells that it is done, and has the page refreshed', async () => {
        const card = await show();
        const refreshed = jest.fn();
        document.body.addEventListener('refresh', refreshed, { once: true });
        await ask(card, 'undo');
        getRecord.emit(record('undo'));
        await settle();
        expect(said(card, 'notice')).toContain('Your request was sent (Undo)');
        expect(await settledFocus(card)).toBe('notice');
        expect(notifyRecordUpdateAvailable).not.toHaveBeenCalled();
        jest.advanceTimersByTime(3000);
        expect(notifyRecordUpdateAvailable).toHaveBeenCalledWith([{ recordId: LEAD }]);
        getRecord.emit(record(null, null, '2026-11-22T10:00:09.000Z'));
        await settle();
        expect(said(card, 'notice')).toBe('Done. This card shows the new state.');
        expect(refreshed).toHaveBeenCalledTimes(1);
        expect(refresh).toHaveBeenCalledTimes(1);
        jest.advanceTimersByTime(MINUTES);
        expect(notifyRecordUpdateAvailable).toHaveBeenCalledTimes(1);
    });

    it('shows why a request was refused, also to whoever opens the page later', async () => {
        const card = await show(record('undo'));
        getRecord.emit(record(null, 'It was undone already.'));
        await settle();
        expect(said(card, 'notice')).toBe('Your request was not carried out: It was undone already.');
        clear();
        const later = await show(record(null, 'It was undone already.'));
        expect(said(later, 'notice')).toContain('It was undone already.');
        expect(button(later, 'undo').disabled).toBe(false);
    });

    it('waits for an answer that was asked for elsewhere, and says when it takes long', async () => {
        const card = await show(record('wrong_owner'));
        expect(button(card, 'undo').disabled).toBe(true);
        expect(said(card, 'notice')).toContain('usually answers within a minute');
        jest.advanceTimersByTime(MINUTES);
        await settle();
        expect(said(card, 'notice')).toContain('there is no answer yet');
        expect(notifyRecordUpdateAvailable).toHaveBeenCalledTimes(7);
    });

    it('shows a request that a later version of the package knows by its value', async () => {
        const card = await show(record('merge'));
        expect(said(card, 'notice')).toContain('(merge)');
    });

    it('asks for a new look when the record has changed since it was seen', async () => {
        updateRecord.mockRejectedValue({ status: 412, body: { message: 'Precondition failed' } });
        const card = await show();
        await ask(card, 'undo');
        expect(said(card, 'notice')).toContain('The record has changed since you opened this page.');
        expect(notifyRecordUpdateAvailable).toHaveBeenCalledWith([{ recordId: LEAD }]);
        expect(button(card, 'undo').disabled).toBe(false);
        expect(await broken()).toEqual([]);
    });

    it('shows what the CRM says against a request', async () => {
        updateRecord.mockRejectedValue({ status: 400, body: { message: 'The record is locked.' } });
        const card = await show();
        await ask(card, 'undo');
        expect(said(card, 'notice')).toBe('Your request was not sent: The record is locked.');
        updateRecord.mockResolvedValue({});
        await ask(card, 'undo');
        expect(said(card, 'notice')).toBe('');
    });

    it('offers no buttons to whoever may not edit the field, and says why', async () => {
        const card = await show(record(), false);
        expect(button(card, 'undo')).toBeNull();
        expect(said(card, 'no-edit')).toContain('may not edit the field Switchyard request');
    });

    it('does not take the state of one record for the answer about another', async () => {
        const card = await show(record('undo'));
        card.recordId = '00Q000000000002AAA';
        await settle();
        expect(card.shadowRoot.querySelector('lightning-spinner')).not.toBeNull();
        getRecord.emit(record());
        graphql.emit({ uiapi: { query: { audits: { edges: [] } } } });
        await settle();
        expect(said(card, 'notice')).toBe('');
        jest.advanceTimersByTime(MINUTES);
        expect(notifyRecordUpdateAvailable).not.toHaveBeenCalled();
    });

    it('stops looking when the card is taken away', async () => {
        const card = await show(record('undo'));
        expect(registerRefreshHandler).toHaveBeenCalledTimes(1);
        card.remove();
        jest.advanceTimersByTime(MINUTES);
        expect(notifyRecordUpdateAvailable).not.toHaveBeenCalled();
        expect(unregisterRefreshHandler).toHaveBeenCalledWith('handler');
    });
});

async function settledFocus(card) {
    await settle();
    return card.shadowRoot.activeElement?.dataset.part;
}
