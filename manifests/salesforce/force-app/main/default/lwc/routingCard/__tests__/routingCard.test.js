import { createElement } from 'lwc';
import { graphql, refresh } from 'lightning/graphql';
import { registerRefreshHandler } from 'lightning/refresh';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getRecord } from 'lightning/uiRecordApi';
import RoutingCard from 'c/routingCard';
import { broken, clear, said, settle } from '../../../../../../jest-mocks/page';

const LEAD = '00Q000000000001AAA';
const ACCOUNT = '001000000000001AAA';
const DETAIL = {
    v: 2,
    match: {
        account: { id: ACCOUNT, name: 'Acme', owner: null, p: 0.974, evidence: [] },
        others: [{ id: '001000000000002AAA', name: 'Acme Ltd', owner: null, p: 0.61, evidence: [] }],
        filtered: [['001000000000003AAA', 'Acme Old', 'Your filter does not hold.']]
    },
    route: { until: '2026-11-22T18:00:00+00:00' }
};
const AUDIT = {
    Id: 'a01000000000001AAA',
    Name: { value: 'RA-00000042' },
    outcome: { value: 'assigned', displayValue: 'Assigned' },
    mode: { value: 'act' },
    matchStatus: { value: 'matched' },
    confidence: { value: 0.974 },
    accountId: { value: ACCOUNT },
    account: { Name: { value: 'Acme' } },
    assigneeId: { value: '005000000000001AAA' },
    assignee: { Name: { value: 'Ana Silva' } },
    reason: { value: 'Your rule “EMEA” gives leads in France to Ana.' },
    story: { value: 'Account: Acme, 97.4%.\n  +4.2 The domain is <b>the same</b>.' },
    detail: { value: JSON.stringify(DETAIL) },
    rule: { value: 'EMEA' },
    decidedAt: { value: '2026-11-22T10:00:00.000Z' }
};
const STAMP = {
    LastModifiedDate: '2026-11-22T10:00:01.000Z',
    Switchyard_Decision__c: '00Q000000000001AAA-1-x',
    Switchyard_Request__c: null,
    Switchyard_Request_Refused__c: null
};

function record(values) {
    const told = Object.entries({ ...STAMP, ...values }).map(([name, value]) => [name, { value }]);
    return { fields: Object.fromEntries(told) };
}

const audits = (node) => ({ uiapi: { query: { audits: { edges: node ? [{ node }] : [] } } } });
const isAudit = ({ objectApiName }) => objectApiName?.objectApiName === 'Routing_Audit__c';
const describeLead = (updateable) =>
    getObjectInfo.emit({ fields: { Switchyard_Request__c: { updateable } } }, (config) => !isAudit(config));

async function show(audit = AUDIT, values = {}, { objectApiName = 'Lead', updateable = true } = {}) {
    const card = createElement('c-routing-card', { is: RoutingCard });
    Object.assign(card, { recordId: LEAD, objectApiName });
    document.body.appendChild(card);
    describeLead(updateable);
    getRecord.emit(record(values));
    graphql.emit(audits(audit && { ...AUDIT, ...audit }));
    await settle();
    return card;
}

const buttons = (card) => [...card.shadowRoot.querySelectorAll('[data-request]')].map((each) => each.textContent);
const links = (card, part) =>
    [...card.shadowRoot.querySelectorAll(`[data-part="${part}"] c-record-link`)].map((each) => [
        each.recordId,
        each.label
    ]);

describe('c-routing-card', () => {
    afterEach(clear);

    it('says that it is reading', async () => {
        const card = createElement('c-routing-card', { is: RoutingCard });
        document.body.appendChild(card);
        expect(card.shadowRoot.querySelector('lightning-spinner').alternativeText).toContain('Reading');
        expect(getRecord.getLastConfig()?.fields).toBeUndefined();
    });

    it('tells the account, how sure, why, who, when and by which rule', async () => {
        const card = await show();
        expect(said(card, 'outcome')).toBe('Assigned');
        expect(links(card, 'account')).toEqual([[ACCOUNT, 'Acme']]);
        expect(said(card, 'likely')).toBe('Very likely (97.4%)');
        expect(said(card, 'why')).toBe('Your rule “EMEA” gives leads in France to Ana.');
        expect(links(card, 'owner')).toEqual([['005000000000001AAA', 'Ana Silva']]);
        expect(said(card, 'decided')).toContain('Nov 22, 2026');
        expect(said(card, 'rule')).toBe('EMEA');
        expect([said(card, 'waiting'), said(card, 'response'), said(card, 'review')]).toEqual([null, null, null]);
        expect(await broken()).toEqual([]);
    });

    it('names the other accounts, and those that were left out', async () => {
        const card = await show();
        expect(links(card, 'others')).toEqual([['001000000000002AAA', 'Acme Ltd']]);
        expect(said(card, 'others')).toContain('61%');
        expect(links(card, 'left-out')).toEqual([['001000000000003AAA', 'Acme Old']]);
        expect(said(card, 'others-note')).toBeNull();
    });

    it.each([
        ['no list at all', '', 'has no list of other accounts'],
        ['a list that was cut', '{"cut": true}', 'too long to keep'],
        ['an empty list', '{"v": 2, "match": {"others": []}}', 'No other account came close.']
    ])('falls back to the story for %s', async (_, value, note) => {
        const card = await show({ detail: { value } });
        expect(said(card, 'others-note')).toContain(note);
        expect(said(card, 'others')).toBeNull();
    });

    it('opens and closes the whole story, as text', async () => {
        const card = await show();
        const toggle = card.shadowRoot.querySelector('[data-part="story-toggle"]');
        expect([toggle.getAttribute('aria-expanded'), said(card, 'story')]).toEqual(['false', null]);
        toggle.click();
        await settle();
        expect(toggle.getAttribute('aria-expanded')).toBe('true');
        expect(said(card, 'story')).toContain('The domain is <b>the same</b>.');
        expect(await broken()).toEqual([]);
        toggle.click();
        await settle();
        expect(said(card, 'story')).toBeNull();
    });

    it('tells that nobody has it, that no account was found, and that no rule held', async () => {
        const none = { value: null };
        const card = await show({ accountId: none, account: null, assigneeId: none, rule: none, detail: none });
        expect(said(card, 'account')).toBe('No account was found.');
        expect(said(card, 'owner')).toBe('Nobody');
        expect(said(card, 'rule')).toBe('No rule');
        expect(buttons(card)).toEqual(['Wrong owner', 'Undo']);
    });

    it('tells since when it waits, and until when', async () => {
        const card = await show({ outcome: { value: 'waiting', displayValue: 'Waiting' } });
        expect(said(card, 'waiting')).toContain('2:00');
        expect(said(card, 'asked-again')).toContain('10:00');
        expect(buttons(card)).toEqual(['Wrong match']);
    });

    it('tells whether somebody has responded', async () => {
        const card = await show({
            responseStatus: { value: 'late', displayValue: 'Late' },
            responseDueAt: { value: '2026-11-22T11:00:00.000Z' },
            respondedAt: { value: '2026-11-22T12:00:00.000Z' }
        });
        expect(said(card, 'response')).toBe('Late');
        expect(said(card, 'response-due')).toContain('3:00');
        expect(said(card, 'responded')).toContain('4:00');
    });

    it('names nobody, and no reason, where there is none to name', async () => {
        const none = { value: null };
        const nothing = { assigneeId: none, reason: none, story: none, detail: none };
        const card = await show({ ...nothing, outcome: { value: 'kept' } });
        expect([said(card, 'owner'), said(card, 'why'), said(card, 'story-toggle')]).toEqual([null, null, null]);
        expect(await broken()).toEqual([]);
    });

    it('asks a person to check a match that is not certain', async () => {
        const card = await show({ matchStatus: { value: 'review' }, confidence: { value: 0.62 } });
        expect(said(card, 'review')).toBe('A person should check this match.');
        expect(said(card, 'likely')).toBe('Perhaps (62%)');
    });

    it.each([
        ['assigned', 'act', ['Wrong match', 'Wrong owner', 'Undo']],
        ['suggested', 'suggest', ['Wrong match', 'Wrong owner', 'Undo']],
        ['observed', 'observe', ['Wrong match']],
        ['kept', 'act', ['Wrong match', 'Undo']],
        ['refused', 'act', ['Wrong match']],
        ['undone', 'act', []]
    ])('offers for an outcome %s in the mode %s: %j', async (outcome, mode, wanted) => {
        const card = await show({ outcome: { value: outcome }, mode: { value: mode } });
        expect(buttons(card)).toEqual(wanted);
    });

    it('says that it is empty when Switchyard has not looked at the record', async () => {
        const card = await show(null, { Switchyard_Decision__c: null });
        expect(said(card, 'empty')).toContain('Switchyard has not looked at this record yet.');
        expect(buttons(card)).toEqual([]);
        expect(await broken()).toEqual([]);
    });

    it('tells what the lead itself says when the decision is not shared with the user', async () => {
        const card = await show(null, {
            Switchyard_Account__c: ACCOUNT,
            Switchyard_Account__r: record({ Name: 'Acme' }),
            Switchyard_Confidence__c: 0.995,
            Switchyard_Rule__c: 'EMEA',
            OwnerId: '005000000000002AAA'
        });
        expect(said(card, 'hidden')).toContain('not shared with you');
        expect(links(card, 'account')).toEqual([[ACCOUNT, 'Acme']]);
        expect(said(card, 'likely')).toBe('Almost certain (99.5%)');
        expect(links(card, 'owner')).toEqual([['005000000000002AAA', '005000000000002AAA']]);
        expect(buttons(card)).toEqual(['Wrong match', 'Wrong owner', 'Undo']);
        expect(await broken()).toEqual([]);
    });

    it('names the permission set to whoever may not see decisions at all', async () => {
        const card = await show(null, { Switchyard_Decision__c: null });
        getObjectInfo.error({ message: 'No access.' }, 404, isAudit);
        graphql.emitErrors([{ message: 'Field Routing_Audit__c is undefined.' }]);
        await settle();
        expect(said(card, 'denied')).toContain('Switchyard Rep');
        expect(said(card, 'failed')).toBeNull();
        getRecord.emit(record({}));
        await settle();
        expect(said(card, 'hidden')).toContain('not shared with you');
    });

    it('shows why something could not be read', async () => {
        const card = await show();
        graphql.emitErrors([{ message: 'The server is busy.' }]);
        await settle();
        expect(said(card, 'failed')).toBe('The routing decision could not be read: The server is busy.');
        getRecord.error({ message: 'The record is gone.' });
        await settle();
        expect(said(card, 'failed')).toContain('The record is gone.');
        expect(await broken()).toEqual([]);
    });

    it('hears of a refresh of the page', async () => {
        await show();
        expect(await registerRefreshHandler.mock.calls[0][1]()).toBe(true);
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('works on contacts with their own fields', async () => {
        const card = await show({}, {}, { objectApiName: 'Contact' });
        expect(getRecord.getLastConfig().fields[0].objectApiName).toBe('Contact');
        expect(graphql.getLastConfig().variables).toEqual({ record: LEAD });
        expect(said(card, 'likely')).toBe('Very likely (97.4%)');
    });

    it('offers no correction on a contact, where the connector would refuse each', async () => {
        const card = await show({}, {}, { objectApiName: 'Contact' });
        expect(card.shadowRoot.querySelector('[data-part="corrections"]')).toBe(null);
        const lead = await show();
        expect(lead.shadowRoot.querySelector('[data-part="corrections"]')).not.toBe(null);
    });

    it('reads the decision again when the record changes, and only then', async () => {
        await show();
        getRecord.emit(record({ Switchyard_Rule__c: 'EMEA' }));
        expect(refresh).not.toHaveBeenCalled();
        getRecord.emit(record({ LastModifiedDate: '2026-11-22T10:05:00.000Z' }));
        expect(refresh).toHaveBeenCalledTimes(1);
    });
});
