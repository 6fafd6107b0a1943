import { createElement } from 'lwc';
import { getRecord } from 'lightning/uiRecordApi';
import RoutingRuleCard from 'c/routingRuleCard';
import { broken, clear, said, settle } from '../../../../../../jest-mocks/page';

const RULE = {
    Name: 'EMEA',
    Kind__c: 'rule',
    State__c: 'live',
    Definition__c: '- rule: EMEA\n  when:\n  assign: pool "X"'
};
const POOL =
    'What the mode suggest proposed; no lead changed owner by it.\n' +
    'Ana: received 3, entitled to 2.50 (0.50 ahead)\n' +
    'Bo: received 1, entitled to 1.50 (0.50 behind)\nCy: received 1, entitled to 1.00 (level)';

function fields(values) {
    const told = Object.entries(values).map(([name, value]) => [name, { value, displayValue: null }]);
    return { fields: Object.fromEntries(told) };
}

async function show(values) {
    const card = createElement('c-routing-rule-card', { is: RoutingRuleCard });
    card.recordId = 'a02000000000001AAA';
    document.body.appendChild(card);
    if (values) {
        getRecord.emit(fields({ ...RULE, ...values }));
    }
    await settle();
    return card;
}

describe('c-routing-rule-card', () => {
    afterEach(clear);

    it('says that it is reading, for people who cannot see the spinner too', async () => {
        const card = await show();
        expect(card.shadowRoot.querySelector('lightning-spinner').alternativeText).toBe('Reading the rule');
        expect(said(card, 'state')).toBeNull();
    });

    it('shows why the record cannot be read', async () => {
        const card = await show();
        getRecord.error({ message: 'No access to the record.' });
        await settle();
        expect(said(card, 'failed')).toBe('The rule could not be read: No access to the record.');
        expect(said(card, 'loading')).toBeNull();
    });

    it.each([
        [{ Version__c: 'v7' }, 'Live', 'It decides about leads, as part of version v7 of the rules.', true],
        [{}, 'Live', 'Switchyard has not read this record yet.', false],
        [{ State__c: 'draft' }, 'Draft', 'It decides about no lead until somebody publishes it', false],
        [{ State__c: 'draft', Version__c: 'retired 01ab' }, 'Retired', 'It was replaced by a newer record', true]
    ])('tells live, draft and retired apart: %j', async (values, badge, text, faultless) => {
        const card = await show(values);
        expect(said(card, 'state')).toBe(badge);
        expect(said(card, 'state-text')).toContain(text);
        expect(said(card, 'no-errors') !== null).toBe(faultless);
        expect(said(card, 'standing')).toBeNull();
        expect(await broken()).toEqual([]);
    });

    it('shows errors beside the lines that they are in', async () => {
        const card = await show({
            Version__c: 'v7',
            Error__c:
                'EMEA (a02), line 3, column 11: There is no pool “X”.\nEMEA (a02), line 1, column 1: Too <b>old</b>.'
        });
        const errors = [...card.shadowRoot.querySelectorAll('[data-part="errors"] li')];
        expect(errors.map((each) => each.textContent)).toEqual([
            'Line 3There is no pool “X”.',
            'Line 1Too <b>old</b>.'
        ]);
        const lines = [...card.shadowRoot.querySelectorAll('[data-part="definition"] li')];
        expect(lines.map((each) => each.textContent.includes('Error on this line'))).toEqual([true, false, true]);
        expect(said(card, 'state-text')).toBeNull();
        expect(said(card, 'no-errors')).toBeNull();
        expect(await broken()).toEqual([]);
    });

    it('shows an error that has no line without one', async () => {
        const card = await show({ Error__c: 'There are too many rules.' });
        expect(said(card, 'errors')).toBe('There are too many rules.');
    });

    it('tells who of a pool received what, in a table with headers', async () => {
        const card = await show({ Kind__c: 'pool', Version__c: 'v7', Standing__c: POOL });
        const rows = [...card.shadowRoot.querySelectorAll('tbody tr')];
        expect(rows.map((row) => [...row.children].map((cell) => cell.textContent.trim()))).toEqual([
            ['Ana', '3', '2.5', '0.5 ahead'],
            ['Bo', '1', '1.5', '0.5 behind'],
            ['Cy', '1', '1', 'Level']
        ]);
        expect(said(card, 'total')).toBe('5');
        expect(said(card, 'note')).toContain('no lead changed owner by it');
        const bars = [...card.shadowRoot.querySelectorAll('.share-received')].map((each) => each.style.width);
        expect(bars[0]).toBe('100%');
        expect(card.shadowRoot.querySelector('.share').getAttribute('aria-hidden')).toBe('true');
        expect(await broken()).toEqual([]);
    });

    it('says so when nobody of a pool received a lead yet', async () => {
        const card = await show({ Kind__c: 'pool', Version__c: 'v7' });
        expect(said(card, 'no-standing')).toBe('Nobody has received a lead from this pool yet.');
        expect(await broken()).toEqual([]);
    });
});
