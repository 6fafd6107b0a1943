import {
    Accordion,
    Alert,
    Button,
    DescriptionListItem,
    EmptyState,
    ErrorState,
    Link,
    LoadingButton,
    LoadingSpinner,
    StatusTag,
    TextArea
} from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { afterEach, expect, test, vi } from 'vitest';
import type { RecordAnswer } from 'switchyard-ui';
import { PATIENCE, RecordCard } from '../src/app/cards/parts/RecordCard';
import { answered, connect, HOST, RECORD, refused, type Question } from './support/connector';
import { words } from './support/words';

afterEach(() => {
    vi.useRealTimers();
});

function show(
    changes: Partial<RecordAnswer> = {},
    { locale = 'en', host = HOST, brief = false, timezone = 'Europe/Paris' } = {}
) {
    const questions = connect(() => answered({ ...RECORD, ...changes }));
    const renderer = renderRecord({ locale, host, brief, timezone });
    return { questions, ...renderer };
}

function renderRecord({ locale = 'en', host = HOST, brief = false, timezone = 'Europe/Paris' } = {}) {
    const renderer = createRenderer('crm.record.tab');
    const { context, actions } = renderer.mocks;
    context.user.locale = locale;
    context.portal.timezone = timezone;
    context.crm = { objectTypeId: '0-1', objectId: 123 };
    context.variables = { HOST: host };
    renderer.render(<RecordCard context={context} actions={actions} brief={brief} />);
    return renderer;
}

type Shown = ReturnType<typeof renderRecord>;

async function facts({ waitFor, findAll }: Shown): Promise<Record<string, string | null>> {
    await waitFor(() => {
        expect(findAll(DescriptionListItem)).not.toHaveLength(0);
    });
    return Object.fromEntries(findAll(DescriptionListItem).map((item) => [item.props.label, words(item)]));
}

function button({ find }: Shown, name: string) {
    return find(Button, (each) => words(each) === name);
}

test('it says that it is asking, and asks for this record in the language of who looks', async () => {
    const { find, questions, waitFor, maybeFind } = show({}, { locale: 'pt-br' });
    expect(find(LoadingSpinner).props.label).toBe('Consultando o Switchyard');
    await waitFor(() => {
        expect(maybeFind(LoadingSpinner)).toBeNull();
    });
    expect(questions.map(({ url }) => url.href)).toEqual([
        `${HOST}/hubspot/cards/record?objectTypeId=0-1&objectId=123&language=pt_BR`
    ]);
    expect(questions[0]?.options.method).toBe('GET');
    expect(questions[0]?.options.timeout).toBeLessThan(15_000);
});

test('it tells account, confidence, why, who, since when, rule and response', async () => {
    const shown = show();
    expect(await facts(shown)).toEqual({
        Account: 'Acme Foods',
        Confidence: '97.6% (very likely)',
        'Why this account': 'The e-mail domain acme.com is that of the website. The names are alike.',
        'Given to': 'Ana Silva',
        Since: 'Nov 22, 2026, 10:31 AM',
        Rule: 'Enterprise EMEA',
        'Why this person': 'It was her turn in the pool.',
        Decided: 'Nov 22, 2026, 10:30 AM',
        Response: 'In time After 12 minutes',
        'Acme Ltd (41%)': 'The names are alike.'
    });
    expect(shown.findAll(Link).map(({ props }) => props.href)).toEqual([
        RECORD.account?.url,
        { url: RECORD.story_url, external: true }
    ]);
});

test('it speaks German to who reads German', async () => {
    const told = await facts(show({ confidence_words: 'sehr wahrscheinlich' }, { locale: 'de-AT' }));
    expect(told).toMatchObject({
        Sicherheit: '97,6\u00a0% (sehr wahrscheinlich)',
        Antwort: 'Rechtzeitig Nach 12 Minuten'
    });
});

test('a record without account, owner, rule and runners-up says so', async () => {
    const shown = show({
        account: null,
        owner: null,
        rule: '',
        why: [],
        runners_up: [],
        response: null,
        confidence: null
    });
    const told = await facts(shown);
    expect(told).toMatchObject({
        Account: 'No account was found.',
        'Given to': 'Nobody',
        Rule: 'No rule',
        Response: 'Not expected'
    });
    expect(told).not.toHaveProperty('Confidence');
    expect(words(shown.find(Accordion))).toBe('No other account came close.');
});

test('what is only suggested or observed is told as what would be', async () => {
    const told = await facts(show({ proposed: true }));
    expect(told).toMatchObject({ 'Would go to': 'Ana Silva', Decided: 'Nov 22, 2026, 10:30 AM' });
    expect(told).not.toHaveProperty('Given to');
    expect(told).not.toHaveProperty('Since');
});

test('confidence is never rounded up to a certainty, and words that a newer connector says are shown as they are', async () => {
    const told = await facts(show({ confidence: 0.99999, confidence_words: 'all but certain' }));
    expect(told.Confidence).toBe('99.9% (all but certain)');
});

test('an address that is not https is no link', async () => {
    const account = { id: '7', name: 'Acme Foods', url: 'javascript:alert(1)' };
    const shown = show({ account, story_url: '' });
    expect((await facts(shown)).Account).toBe('Acme Foods');
    expect(shown.findAll(Link)).toEqual([]);
});

test.each([
    ['waiting', null, 'Waiting for a response Due Nov 22, 2026, 11:00 AM'],
    ['late', 200, 'Late After 3 hours'],
    ['late', 6000, 'Late After 4 days'],
    ['never', null, 'Never']
] as const)('a response that is %s (%s minutes) is told as %s', async (status, minutes, expected) => {
    const told = await facts(show({ response: { status, minutes, due_at: '2026-11-22T10:00:00Z' } }));
    expect(told.Response).toBe(expected);
});

test('a record that waits says why and since when', async () => {
    const shown = show({ state: 'waiting', reason: 'Nobody is at work.', owner: null });
    const told = await facts(shown);
    expect(shown.find(Alert).props.title).toBe('Not routed yet');
    expect(words(shown.find(Alert))).toBe('Nobody is at work.');
    expect(told['Waiting since']).toBe('Nov 22, 2026, 10:31 AM');
    expect(told).not.toHaveProperty('Why this person');
});

test.each([
    [
        'unknown',
        '',
        'Switchyard has not looked at this record yet',
        'That happens when the record is made or changed, within a minute.'
    ],
    ['excluded', 'It is a test.', 'Switchyard leaves this record alone', 'It is a test.']
] as const)('a record that is %s has an empty card that says why', async (state, reason, title, hint) => {
    const { waitFor, find, maybeFind } = show({ state, reason });
    await waitFor(() => {
        expect(find(EmptyState).props.title).toBe(title);
    });
    expect(words(find(EmptyState))).toBe(hint);
    expect(maybeFind(Button)).toBeNull();
});

test('the sidebar leaves the runners-up out', async () => {
    const shown = show({}, { brief: true });
    expect(await facts(shown)).not.toHaveProperty('Acme Ltd (41%)');
    expect(shown.maybeFind(Accordion)).toBeNull();
});

test('a time zone that the browser does not know does not break the card', async () => {
    expect((await facts(show({}, { timezone: 'Mars/Olympus' }))).Decided).toMatch(/Nov 2\d, 2026/);
});

test.each([
    [403, '', 'You may not do this', 'Ask an administrator of Switchyard for access.', 'lock', false],
    [404, 'Not here.', 'Switchyard is not connected', 'Not here.', 'error', true],
    [429, '', 'Too many questions at once', 'Wait a few seconds, then try again.', 'error', true],
    [401, '', 'Switchyard could not answer', "Try again. If it goes on, tell Switchyard's support.", 'error', true],
    [503, '', 'Switchyard could not answer', "Try again. If it goes on, tell Switchyard's support.", 'error', true]
])('an answer %i is told as a problem (%s)', async (status, detail, title, hint, type, again) => {
    connect(() => refused(status, detail));
    const { waitFor, find, maybeFind } = renderRecord();
    await waitFor(() => {
        expect(find(ErrorState).props).toMatchObject({ title, type });
    });
    expect(words(find(ErrorState))).toContain(hint);
    expect(maybeFind(Button) !== null).toBe(again);
});

test.each([
    ['HTML', new Response('<html>', { status: 502 })],
    ['a text', answered('no', 500)],
    ['a detail that is no text', answered({ detail: 7 }, 500)]
])('an error that is %s is told in our own words', async (_, response) => {
    connect(() => response);
    const { waitFor, find } = renderRecord();
    await waitFor(() => {
        expect(words(find(ErrorState))).toContain('Try again. If it goes on');
    });
});

test('a connector that cannot be reached is asked again by a click', async () => {
    const replies = [new Error('Failed to fetch'), answered(RECORD)];
    connect(() => replies.shift() ?? refused(500));
    const shown = renderRecord();
    await shown.waitFor(() => {
        expect(shown.find(ErrorState).props.title).toBe('Switchyard does not answer');
    });
    button(shown, 'Try again').trigger('onClick');
    await shown.waitFor(() => {
        expect(shown.maybeFind(LoadingSpinner)).not.toBeNull();
    });
    expect((await facts(shown)).Account).toBe('Acme Foods');
});

test.each(['', 'http://switchyard.example.com'])('an app published with the address "%s" asks nobody', async (host) => {
    const { questions, waitFor, find } = show({}, { host });
    await waitFor(() => {
        expect(find(ErrorState).props.title).toBe('This app is not set up yet');
    });
    expect(questions).toEqual([]);
});

test('only what may be asked for is offered, and no button is primary before one is chosen', async () => {
    const shown = show({ can: ['undo', 'rewind' as 'undo'] });
    await facts(shown);
    expect(shown.findAll(Button).map((each) => [words(each), each.props.variant])).toEqual([['Undo', 'secondary']]);
    expect(shown.maybeFind(LoadingButton)).toBeNull();
});

test('nothing is offered to who may ask for nothing', async () => {
    const shown = show({ can: [] });
    await facts(shown);
    expect(shown.maybeFind(Button)).toBeNull();
});

test('a correction is asked for once it is confirmed, and the card then shows that it is on its way', async () => {
    let record = RECORD;
    const questions = connect(({ options }: Question) => {
        if (options.method !== 'POST') {
            return answered(record);
        }
        record = { ...RECORD, pending: { request: 'wrong_match', since: '2026-11-22T12:00:00Z' } };
        return answered({ status: 'accepted', message: 'Sent.' }, 202);
    });
    const shown = renderRecord();
    await facts(shown);
    button(shown, 'Wrong match').trigger('onClick');
    await shown.waitFor(() => {
        expect(shown.findAll(LoadingButton).map((each) => [words(each), each.props.variant])).toEqual([
            ['Send', 'primary']
        ]);
    });
    expect(shown.findAll(Button).map((each) => [words(each), each.props.variant])).toEqual([['Cancel', 'secondary']]);
    shown.find(TextArea).props.onInput?.('It is another Acme.');
    await shown.waitFor(() => {
        expect(shown.find(TextArea).props.value).toBe('It is another Acme.');
    });
    shown.find(LoadingButton).trigger('onClick');
    await shown.waitFor(() => {
        expect(shown.find(Alert).props.title).toBe('On its way: Wrong match');
    });
    expect(words(shown.find(Alert))).toContain('Asked for Nov 22, 2026, 1:00 PM.');
    expect(shown.maybeFind(Button)).toBeNull();
    const [sent] = questions.filter(({ options }) => options.method === 'POST');
    expect(sent?.url.pathname).toBe('/hubspot/cards/request');
    expect(sent?.options.body).toEqual({
        objectTypeId: '0-1',
        objectId: '123',
        decision: 'd-1',
        request: 'wrong_match',
        note: 'It is another Acme.'
    });
    expect(shown.mocks.actions.addAlert.calls[0]?.[0].type).toBe('success');
    expect(shown.mocks.actions.refreshObjectProperties.callCount).toBe(1);
});

test('who thinks again cancels, and nothing is sent', async () => {
    const shown = show();
    await facts(shown);
    button(shown, 'Undo').trigger('onClick');
    await shown.waitFor(() => {
        expect(words(shown.getRootNode())).toContain('Switchyard will put back the owner');
    });
    button(shown, 'Cancel').trigger('onClick');
    await shown.waitFor(() => {
        expect(shown.findAll(Button)).toHaveLength(3);
    });
    expect(shown.questions).toHaveLength(1);
});

test('a correction that is refused says why and can be sent again', async () => {
    connect(({ options }: Question) =>
        options.method === 'POST' ? refused(409, 'Somebody else was faster.') : answered(RECORD)
    );
    const shown = renderRecord();
    await facts(shown);
    button(shown, 'Wrong owner').trigger('onClick');
    await shown.waitFor(() => {
        shown.find(LoadingButton);
    });
    shown.find(LoadingButton).trigger('onClick');
    await shown.waitFor(() => {
        expect(words(shown.find(Alert))).toBe('Somebody else was faster.');
    });
    expect(shown.find(LoadingButton).props.loading).toBe(false);
});

test('why the last correction was not carried out is told beside what can be asked for', async () => {
    const shown = show({
        refused: { request: 'undo', why: 'A person changed the owner since.', at: '2026-11-22T12:00:00Z' }
    });
    await facts(shown);
    expect(shown.find(Alert).props.title).toBe('Not carried out: Undo');
    expect(words(shown.find(Alert))).toBe('A person changed the owner since.');
    expect(shown.findAll(Button)).toHaveLength(3);
});

test('a record with a correction on its way is looked at again until it is done, without a flicker', async () => {
    vi.useFakeTimers();
    const pending = { request: 'undo' as const, since: '2026-11-22T12:00:00Z' };
    const replies = [{ ...RECORD, pending }, { ...RECORD, pending }, RECORD];
    const questions = connect(() => answered(replies.shift()));
    const shown = renderRecord();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown.find(Alert).props.title).toBe('On its way: Undo');
    await vi.advanceTimersByTimeAsync(PATIENCE);
    expect(shown.maybeFind(LoadingSpinner)).toBeNull();
    await vi.advanceTimersByTimeAsync(PATIENCE);
    expect(shown.maybeFind(Alert)).toBeNull();
    await vi.advanceTimersByTimeAsync(10 * PATIENCE);
    expect(questions).toHaveLength(3);
});

test('an answer to what is asked no longer is dropped', async () => {
    let come: (answer: Response) => void = () => undefined;
    const late = new Promise<Response>((resolve) => {
        come = resolve;
    });
    const replies = [late, Promise.resolve(answered(RECORD))];
    connect(() => replies.shift() ?? refused(500));
    const shown = renderRecord();
    const { context, actions } = shown.mocks;
    const other = { ...context, crm: { objectTypeId: '0-1', objectId: 124 } };
    shown.render(<RecordCard context={other} actions={actions} />);
    expect((await facts(shown)).Account).toBe('Acme Foods');
    come(answered({ ...RECORD, account: null }));
    await late;
    expect((await facts(shown)).Account).toBe('Acme Foods');
});

test('the tag of a response tells by its colour', async () => {
    const shown = show({ response: { status: 'never', minutes: null, due_at: null } });
    await facts(shown);
    expect(shown.find(StatusTag).props.variant).toBe('danger');
});
