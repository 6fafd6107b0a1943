import { createElement } from 'lwc';
import { graphql, refresh } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import SwitchyardHome from 'c/switchyardHome';
import { broken, clear, said, settle } from '../../../../../../jest-mocks/page';

const NEVER = { live: 0, errors: 0, read: 0, latest: [], refused: 0 };

function answer({ live, errors, read, latest, refused }) {
    return {
        uiapi: {
            query: {
                liveRules: { totalCount: live },
                errors: { totalCount: errors },
                read: { totalCount: read },
                latest: { edges: latest.map((node) => ({ node })) },
                refused: { totalCount: refused }
            }
        }
    };
}

const decided = (mode, displayValue) => [
    { Id: 'a01000000000001AAA', decidedAt: { value: '2026-11-22T10:00:00.000Z' }, mode: { value: mode, displayValue } }
];

async function show(state, { writable = true, consoleAddress } = {}) {
    const home = createElement('c-switchyard-home', { is: SwitchyardHome });
    home.consoleAddress = consoleAddress;
    document.body.appendChild(home);
    getObjectInfo.emit({ createable: writable, updateable: writable });
    if (state) {
        graphql.emit(answer({ ...NEVER, ...state }));
    }
    await settle();
    return home;
}

const steps = (home) =>
    [...home.shadowRoot.querySelectorAll('[data-step]')].map((step) => [
        step.dataset.step,
        step.querySelector('.slds-badge').textContent
    ]);
const fact = (home, key) => home.shadowRoot.querySelector(`[data-fact="${key}"] dd`).textContent;

describe('c-switchyard-home', () => {
    afterEach(clear);

    it('says that it is reading', async () => {
        const home = await show();
        expect(home.shadowRoot.querySelector('lightning-spinner').alternativeText).toContain('Reading');
        expect(said(home, 'console')).toBe('Connect, opens in a new tab');
    });

    it('leads through the first steps after the install', async () => {
        const home = await show({}, { writable: false });
        expect(steps(home)).toEqual([
            ['install', 'Done'],
            ['access', 'To do'],
            ['connect', 'To do'],
            ['rules', 'To do'],
            ['live', 'To do']
        ]);
        expect(fact(home, 'latest')).toBe('None yet');
        expect(fact(home, 'mode')).toBe('None yet');
        expect(await broken()).toEqual([]);
    });

    it('ticks what is done and tells how things stand', async () => {
        const home = await show({ live: 12, read: 12, latest: decided('act', 'Handeln'), refused: 3 });
        expect(steps(home).map(([, state]) => state)).toEqual(['Done', 'Done', 'Done', 'Done', 'Done']);
        expect(fact(home, 'rules')).toBe('12');
        expect(fact(home, 'latest')).toContain('Nov 22, 2026');
        expect(fact(home, 'mode')).toBe('Handeln');
        expect(fact(home, 'refused')).toBe('3');
        expect(said(home, 'console')).toContain('Open the console');
        expect(await broken()).toEqual([]);
    });

    it('does not tick the rules while one has an error, nor going live while it only observes', async () => {
        const home = await show({ live: 2, errors: 1, read: 2, latest: decided('observe', null) });
        expect(Object.fromEntries(steps(home))).toMatchObject({ connect: 'Done', rules: 'To do', live: 'To do' });
        expect(fact(home, 'errors')).toBe('1');
        expect(fact(home, 'mode')).toBe('observe');
    });

    it('knows by the version on rules that Switchyard is connected, before the first lead', async () => {
        const home = await show({ live: 1, read: 1 });
        expect(Object.fromEntries(steps(home)).connect).toBe('Done');
    });

    it('links to the console in a new tab that cannot reach back', async () => {
        const home = await show({}, { consoleAddress: ' https://switchyard.acme.example/ ' });
        const link = home.shadowRoot.querySelector('[data-part="console"]');
        expect(link.getAttribute('href')).toBe('https://switchyard.acme.example/');
        expect(link.target).toBe('_blank');
        expect(link.rel).toBe('noopener noreferrer');
    });

    it.each(['javascript:alert(1)', 'http://switchyard.acme.example', 'https://', 'app.switchyard.example'])(
        'makes no link of the address %s',
        async (consoleAddress) => {
            const home = await show({}, { consoleAddress });
            expect(said(home, 'console')).toBeNull();
            expect(said(home, 'bad-address')).toContain('must begin with https://');
        }
    );

    it('reads everything anew on request', async () => {
        const home = await show({ live: 1 });
        home.shadowRoot.querySelector('button').click();
        expect(refresh).toHaveBeenCalledTimes(1);
        graphql.emit(answer({ ...NEVER, live: 2 }));
        await settle();
        expect(fact(home, 'rules')).toBe('2');
    });

    it('shows why the state cannot be read', async () => {
        const home = await show();
        graphql.emitErrors([{ message: 'The server is busy.' }]);
        await settle();
        expect(said(home, 'failed')).toBe('The state of Switchyard could not be read: The server is busy.');
    });

    it('says which permission set is missing to whoever may not see the records', async () => {
        const home = await show();
        graphql.emitErrors([{ message: 'Object undefined.' }]);
        getObjectInfo.error({ message: 'No access.' });
        await settle();
        expect(said(home, 'denied')).toContain('Switchyard Admin');
        expect(said(home, 'failed')).toBeNull();
        expect(await broken()).toEqual([]);
    });
});
