import { CUT, KNOWN, PLAIN, readAudit, readDetail } from 'c/auditStory';
import SAMPLE from './detail.json';

const ACCOUNT = '001000000000001AAA';
const MATCH = {
    account: { id: ACCOUNT, name: 'Acme', owner: null, p: 0.97, evidence: [['domain', 4.2]] },
    others: [
        { id: '001000000000002AAA', name: 'Acme Ltd', owner: null, p: 0.61, evidence: [] },
        { id: 'javascript:alert(1)', name: '<b>Acme</b>', owner: null, p: null, evidence: [] },
        null
    ],
    filtered: [['001000000000003AAA', 'Acme Old', 'Your filter does not hold.']]
};

const node = (detail, more = {}) => ({
    Id: 'a01000000000001AAA',
    detail: { value: typeof detail === 'string' ? detail : JSON.stringify(detail) },
    ...more
});

describe('detail of an audit', () => {
    it.each([1, 2])('of version %d names who else was considered', (v) => {
        const audit = readAudit(node({ v, match: MATCH, route: { until: '2026-11-23T08:00:00+00:00' } }));
        expect(audit.othersState).toBe(KNOWN);
        expect(audit.others).toEqual([
            { key: '001000000000002AAA', id: '001000000000002AAA', name: 'Acme Ltd', percent: '61%' },
            { key: 'javascript:alert(1)', id: null, name: '<b>Acme</b>', percent: '' }
        ]);
        expect(audit.leftOut).toEqual([
            { key: '001000000000003AAA', id: '001000000000003AAA', name: 'Acme Old', why: 'Your filter does not hold.' }
        ]);
        expect(audit.until).toBe('2026-11-23T08:00:00+00:00');
    });

    it('as the product writes it names them all', () => {
        const audit = readAudit(node(SAMPLE));
        expect(audit.account).toMatchObject({ id: '001000000000001AAA', name: 'Acme' });
        expect(audit.others.map((other) => [other.name, other.percent])).toEqual([['Acme Two', '2.6%']]);
        expect(audit.leftOut.map((other) => other.name)).toEqual(['Acme Old']);
        expect(audit.until).toBeNull();
    });

    it('of a later version is not read', () => {
        expect(readDetail(JSON.stringify({ v: 3, match: MATCH }))).toBeNull();
        expect(readAudit(node({ v: 3, match: MATCH })).othersState).toBe(PLAIN);
    });

    it.each(['', 'no JSON {', 'null', '17', '[]'])('that is %j is not read', (text) => {
        expect(readAudit(node(text))).toMatchObject({ othersState: PLAIN, others: [], leftOut: [], until: null });
    });

    it.each([
        ['the whole of it was cut', { v: 2, cut: true }],
        ['its longest part was cut', { cut: true, route: {} }],
        ['the list was left out', { v: 2, match: { ...MATCH, others: [] }, short: ['turn.after', 'match.others'] }]
    ])('says that others are unknown when %s', (_, detail) => {
        expect(readAudit(node(detail))).toMatchObject({ othersState: CUT, others: [] });
    });

    it('that was cut elsewhere still names them', () => {
        expect(readAudit(node({ v: 2, cut: true, match: MATCH })).others).toHaveLength(2);
        expect(readAudit(node({ v: 2, match: { others: [] }, short: ['turn.after'] })).othersState).toBe(KNOWN);
    });
});

describe('fields of an audit', () => {
    it('come with names of what they point to', () => {
        const audit = readAudit(
            node('', {
                accountId: { value: ACCOUNT },
                account: { Name: { value: 'Acme' } },
                assigneeId: { value: '005000000000001AAA' },
                outcome: { value: 'assigned', displayValue: 'Zugewiesen' },
                reason: { value: 'First.\n\nSecond.' },
                story: { value: 'Account: Acme\r\n  +4.2 the domain' }
            })
        );
        expect(audit.account).toEqual({ key: ACCOUNT, id: ACCOUNT, name: 'Acme' });
        expect(audit.assignee.name).toBe('005000000000001AAA');
        expect(audit.outcomeLabel).toBe('Zugewiesen');
        expect(audit.reason.map((line) => line.text)).toEqual(['First.', 'Second.']);
        expect(audit.story.map((line) => line.isInner)).toEqual([false, true]);
    });

    it('call a queue, which the audit cannot point to, as the rule calls it', () => {
        const route = { assignee: '00G000000000001AAA', target: 'queue "EMEA"', until: null };
        expect(readAudit(node({ v: 2, match: MATCH, route })).assignee).toMatchObject({
            id: null,
            name: 'queue "EMEA"'
        });
        const unnamed = { ...route, target: null };
        expect(readAudit(node({ v: 2, match: MATCH, route: unnamed })).assignee.name).toBe('00G000000000001AAA');
    });

    it('that the user may not see are missing, and the account is that of the detail', () => {
        const audit = readAudit(node({ v: 2, match: MATCH }, { outcome: { value: 'kept' } }));
        expect(audit).toMatchObject({ assignee: null, rule: null, response: null, outcomeLabel: 'kept' });
        expect(audit.account).toMatchObject({ id: ACCOUNT, name: 'Acme', percent: '97%' });
    });

    it('tell of a response only where one is due', () => {
        expect(readAudit(node('', { responseStatus: { value: 'none' } })).response).toBeNull();
        expect(
            readAudit(node('', { responseStatus: { value: 'late' }, respondedAt: { value: '2026-11-22T10:00:00Z' } }))
                .response
        ).toEqual({ status: 'late', label: 'late', dueAt: null, at: '2026-11-22T10:00:00Z' });
    });
});
