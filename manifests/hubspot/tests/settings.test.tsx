import {
    Alert,
    Button,
    ErrorState,
    Link,
    LoadingButton,
    LoadingSpinner,
    Select,
    StatusTag,
    TableRow,
    TextArea
} from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { expect, test } from 'vitest';
import type { RulesAnswer, SettingsAnswer } from 'switchyard-ui';
import { Settings } from '../src/app/settings/parts/Settings';
import { connect, HOST, RECORDS, refused, SETTINGS, settings, type Question } from './support/connector';
import { until, words } from './support/words';

function renderSettings() {
    const renderer = createRenderer('settings');
    const { context, actions } = renderer.mocks;
    context.variables = { HOST: `${HOST}/` };
    renderer.render(<Settings context={context} actions={actions} />);
    return renderer;
}

async function show(changes: Partial<SettingsAnswer> = {}, rules: Partial<RulesAnswer> = {}) {
    connect(settings(changes, rules));
    const renderer = renderSettings();
    await until(() => {
        renderer.find(Alert);
        expect(renderer.maybeFind(LoadingSpinner)).toBeNull();
    });
    return renderer;
}

test('it tells the connection, the mode, the rules with their errors and the checks', async () => {
    const { find, findAll, getRootNode } = await show();
    expect(find(Alert).props).toMatchObject({ title: 'Switchyard is connected', variant: 'success' });
    expect(find(Select).props).toMatchObject({ value: 'observe', readOnly: false });
    expect(findAll(Link).map(({ props }) => props.href)).toEqual(
        [SETTINGS.console_url, `${SETTINGS.console_url}/settings`, RECORDS.records_url, RECORDS.items[0]?.url].map(
            (url) => ({ url, external: true })
        )
    );
    expect(words(getRootNode())).toContain('Notifications and languages');
    expect(findAll(TableRow).map(words)).toEqual([
        'Name Kind State Error Text',
        'Enterprise EMEA rule Live Show',
        'Broken pool Live Line 3: there is no user “bob”. Show',
        'Next year rule Draft Show',
        'Everywhere territory Live Too long for this page: change it from the command line.'
    ]);
    expect(findAll(StatusTag).map((each) => [words(each), each.props.variant])).toEqual([
        ['Live', 'success'],
        ['Live', 'danger'],
        ['Draft', 'default'],
        ['Live', 'success'],
        ['Scopes', 'success'],
        ['Owners', 'danger']
    ]);
    expect(words(getRootNode())).toContain('Nobody can be read Connect again.');
    expect(words(getRootNode())).toContain('custom object records');
});

test('it says that it is asking', () => {
    connect(settings());
    expect(renderSettings().find(LoadingSpinner).props.label).toBe('Asking Switchyard');
});

test('a portal without custom objects is told where its rules are written, and why', async () => {
    const { getRootNode } = await show({ crm_storage: 'properties', crm_storage_why: 'Your subscription is Starter.' });
    expect(words(getRootNode())).toContain('the rules stand in Switchyard');
    expect(words(getRootNode())).toContain('Your subscription is Starter.');
});

test('a portal with the objects of the app has its rules in them', async () => {
    expect(words((await show({ crm_storage: 'app_objects' })).getRootNode())).toContain('records of this app');
});

test('an error of the rules as a whole stands above them', async () => {
    const { findAll } = await show({}, { error: 'There is no pool “EMEA”.' });
    expect(findAll(Alert).map(words)).toContain('There is no pool “EMEA”.');
});

test('nothing to tell is told', async () => {
    const { getRootNode, maybeFind } = await show({ checks: [], console_url: '' }, { items: [], records_url: '' });
    expect(words(getRootNode())).toContain('There are no rules yet.');
    expect(words(getRootNode())).toContain('Nothing was checked yet.');
    expect(maybeFind(Link)).toBeNull();
});

test('a pause says why', async () => {
    const { find } = await show({ state: 'paused', reason: 'You paused it.' });
    expect(find(Alert).props).toMatchObject({ title: 'Switchyard is paused', variant: 'warning' });
    expect(words(find(Alert))).toContain('You paused it.');
});

test('what has lost its access has no mode to change', async () => {
    const { find, maybeFind } = await show({ state: 'revoked' });
    expect(find(Alert).props.variant).toBe('error');
    expect(maybeFind(Select)).toBeNull();
});

test('who may not change the mode sees it locked', async () => {
    const { find, getRootNode } = await show({ may_change: false });
    expect(find(Select).props.readOnly).toBe(true);
    expect(find(LoadingButton).props.disabled).toBe(true);
    expect(words(getRootNode())).toContain('Only administrators of Switchyard');
});

test('a mode that is chosen is saved, and the page shows it', async () => {
    let mode: SettingsAnswer['mode'] = 'observe';
    const questions = connect((question: Question) => {
        mode = question.options.method === 'PUT' ? 'act' : mode;
        return settings({ mode })(question);
    });
    const { find, waitFor, mocks } = renderSettings();
    await waitFor(() => {
        expect(find(LoadingButton).props.disabled).toBe(true);
    });
    find(Select).props.onChange?.('act');
    await waitFor(() => {
        expect(find(LoadingButton).props.disabled).toBe(false);
    });
    find(LoadingButton).trigger('onClick');
    await waitFor(() => {
        expect(find(Select).props.value).toBe('act');
        expect(find(LoadingButton).props.disabled).toBe(true);
    });
    const [sent] = questions.filter(({ options }) => options.method === 'PUT');
    expect(sent?.url.pathname).toBe('/hubspot/settings/mode');
    expect(sent?.options.body).toEqual({ mode: 'act' });
    expect(mocks.actions.addAlert.calls[0]?.[0]).toEqual({ type: 'success', message: 'Saved.' });
});

test('a mode that is refused says why', async () => {
    connect((question: Question) =>
        question.options.method === 'PUT' ? refused(403, 'Sign in first.') : settings()(question)
    );
    const { find, findAll, waitFor } = renderSettings();
    await waitFor(() => {
        find(Select);
    });
    find(Select).props.onChange?.('suggest');
    await waitFor(() => {
        expect(find(LoadingButton).props.disabled).toBe(false);
    });
    find(LoadingButton).trigger('onClick');
    await waitFor(() => {
        expect(findAll(Alert).map(words)).toContain('Sign in first.');
    });
    expect(find(LoadingButton).props.loading).toBe(false);
});

test('a connector that fails is asked again by a click', async () => {
    let silent = true;
    connect((question: Question) => (silent ? refused(500) : settings()(question)));
    const { find, waitFor } = renderSettings();
    await waitFor(() => {
        find(ErrorState);
    });
    silent = false;
    find(Button).trigger('onClick');
    await waitFor(() => {
        expect(find(Alert).props.title).toBe('Switchyard is connected');
    });
});

test('rules that cannot be read now say so beside all the rest, and are asked for again by a click', async () => {
    let silent = true;
    connect((question: Question) =>
        silent && question.url.pathname.endsWith('/rules') ? refused(503, 'Too many calls.') : settings()(question)
    );
    const { find, findAll } = renderSettings();
    await until(() => {
        expect(words(find(ErrorState))).toContain('Too many calls.');
    });
    expect(find(Select).props.value).toBe('observe');
    silent = false;
    find(Button).trigger('onClick');
    await until(() => {
        expect(findAll(TableRow)).toHaveLength(5);
    });
});

test('the text of a rule is shown by a click and put away by another', async () => {
    const { find, findAll, maybeFind } = await show({ may_change: false }, { may_change: false });
    findAll(Button)
        .find((each) => words(each) === 'Show')
        ?.trigger('onClick');
    await until(() => {
        expect(find(TextArea).props).toMatchObject({ value: '- rule: Enterprise EMEA\n', readOnly: true });
    });
    findAll(Button)
        .find((each) => words(each) === 'Show')
        ?.trigger('onClick');
    await until(() => {
        expect(maybeFind(TextArea)).toBeNull();
    });
});
