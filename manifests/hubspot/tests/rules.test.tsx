import { Alert, Button, ErrorState, List, LoadingButton, StatusTag, TableRow, TextArea } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import type { RulesAnswer } from 'switchyard-ui';
import { expect, test } from 'vitest';
import { Settings } from '../src/app/settings/parts/Settings';
import { answered, connect, HOST, refused, RULES, settings, type Question } from './support/connector';
import { until, words } from './support/words';

const LAST = 'Last rule Live What? Edit';

/** Shows the page of a portal whose rules are edited there; `puts` are the answers to what is published. */
async function show(puts: Response[] = [], reads: RulesAnswer[] = []) {
    const questions = connect((question: Question) => {
        if (question.options.method === 'PUT') {
            return puts.shift() ?? refused(500);
        }
        const rules = question.url.pathname.endsWith('/rules') ? (reads.shift() ?? RULES) : RULES;
        return settings({ crm_storage: 'properties' }, rules)(question);
    });
    const renderer = createRenderer('settings');
    const { context, actions } = renderer.mocks;
    context.variables = { HOST };
    renderer.render(<Settings context={context} actions={actions} />);
    const { findAll, getRootNode } = renderer;
    const press = async (label: string, row = 0) => {
        const buttons = [...findAll(Button), ...findAll(LoadingButton)].filter((each) => words(each) === label);
        buttons[row]?.trigger('onClick');
        await until(() => {
            expect(findAll(LoadingButton).some(({ props }) => props.loading)).toBe(false);
        });
    };
    const write = (text: string) => findAll(TextArea)[0]?.props.onInput?.(text);
    const rows = () => findAll(TableRow).map(words);
    const sent = () => questions.filter(({ options }) => options.method === 'PUT').map(({ options }) => options.body);
    const says = (text: string) =>
        until(() => {
            expect(words(getRootNode())).toContain(text);
        });
    await says('Publish');
    return { ...renderer, press, write, rows, sent, says };
}

function publishes(page: Awaited<ReturnType<typeof show>>) {
    return page.findAll(LoadingButton).find((each) => words(each) === 'Publish');
}

test('nothing is published before something is changed', async () => {
    const page = await show();
    expect(page.rows()).toEqual(['Name Kind State Error Text', 'First rule Live Edit', 'Desk pool Live Edit', LAST]);
    expect(publishes(page)?.props.disabled).toBe(true);
    expect(words(page.getRootNode())).not.toContain('Discard');
});

test('an edited text is published with the version it was made from, and the page shows what is live then', async () => {
    const now = { ...RULES, version: 'b', items: RULES.items.slice(0, 1) };
    const page = await show([answered(now)]);
    await page.press('Edit', 1);
    await until(() => {
        expect(page.find(TextArea).props).toMatchObject({ label: 'Desk', value: '- pool: Desk\n', readOnly: false });
    });
    page.write('- pool: Front');
    await page.says('Changed');
    await page.press('Publish');
    await until(() => {
        expect(page.rows()).toEqual(['Name Kind State Error Text', 'First rule Live Edit']);
    });
    expect(page.sent()).toEqual([
        { version: 'a', items: [{ id: '1' }, { id: '2', definition: '- pool: Front' }, { id: '3' }] }
    ]);
    expect(page.mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({ type: 'success' });
});

test('items are added, moved and removed', async () => {
    const page = await show([answered(RULES)]);
    await page.press('Add an item');
    await page.says('New item');
    page.write('- list: EMEA');
    await page.press('Move up');
    await page.press('Close');
    await page.press('Edit', 0);
    await until(() => {
        expect(page.find(TextArea).props.label).toBe('First');
    });
    await page.press('Move down');
    await page.press('Edit', 0);
    await until(() => {
        expect(page.find(TextArea).props.label).toBe('Desk');
    });
    await page.press('Remove');
    await page.says('No longer live when you publish: Desk');
    await page.press('Publish');
    await until(() => {
        expect(page.sent()).toEqual([
            { version: 'a', items: [{ id: '1' }, { id: '', definition: '- list: EMEA' }, { id: '3' }] }
        ]);
    });
});

test('a wrong text stays on the page with every fault at its line', async () => {
    const faults = [
        { item: 0, line: 2, column: 5, message: 'There is no pool “Dsk”.', remedy: 'Did you mean “Desk”?' },
        { item: null, line: 1, column: 1, message: 'There are too many rules.', remedy: '' }
    ];
    const page = await show([Response.json({ detail: 'See the rules.', status: 422, faults }, { status: 422 })]);
    await page.press('Edit', 0);
    await page.says('Move up');
    page.write('- rule: First\n  assign: pool "Dsk"');
    await page.says('Changed');
    await page.press('Publish');
    await page.says('See the rules.');
    expect(page.rows()[1]).toBe('First rule Changed Line 2: There is no pool “Dsk”. Did you mean “Desk”? Edit');
    expect(page.find(TextArea).props).toMatchObject({ value: '- rule: First\n  assign: pool "Dsk"', error: true });
    expect(page.findAll(Alert).map(({ props }) => props.title)).toContain('Line 2: There is no pool “Dsk”.');
    expect(words(page.find(List))).toBe('Line 1: There are too many rules.');
});

test('after a conflict the newer rules are looked at, and ones own text is kept beside theirs', async () => {
    const theirs = RULES.items.map((item) => (item.id === '1' ? { ...item, definition: 'theirs' } : item));
    const now = { ...RULES, version: 'b', items: theirs };
    const page = await show([refused(409, 'Somebody was faster.'), answered(now)], [RULES, now]);
    await page.press('Edit', 0);
    await page.says('Move up');
    page.write('mine');
    await page.says('Changed');
    await page.press('Publish');
    await page.says('Your texts are kept.');
    expect(page.find(TextArea).props.value).toBe('mine');
    await page.press('Look at the rules as they are now');
    await page.press('Edit', 0);
    await page.says('Take this instead of mine');
    expect(page.findAll(TextArea).map(({ props }) => props.value)).toEqual(['mine', 'theirs']);
    await page.press('Publish');
    await until(() => {
        expect(page.sent()[1]).toMatchObject({ version: 'b' });
    });
});

test('theirs can be taken instead', async () => {
    const theirs = RULES.items.map((item) => (item.id === '1' ? { ...item, definition: 'theirs' } : item));
    const page = await show([refused(409)], [RULES, { ...RULES, items: theirs }]);
    await page.press('Edit', 0);
    await page.says('Move up');
    page.write('mine');
    await page.says('Changed');
    await page.press('Publish');
    await page.press('Look at the rules as they are now');
    await page.press('Edit', 0);
    await page.says('Take this instead of mine');
    await page.press('Take this instead of mine');
    await until(() => {
        expect(page.findAll(TextArea).map(({ props }) => props.value)).toEqual(['theirs']);
    });
    expect(publishes(page)?.props.disabled).toBe(true);
});

test('changes are discarded by a click', async () => {
    const page = await show();
    await page.press('Add an item');
    await page.says('Discard my changes');
    await page.press('Discard my changes');
    await until(() => {
        expect(page.findAll(TableRow)).toHaveLength(4);
    });
    expect(publishes(page)?.props.disabled).toBe(true);
});

test('who is no administrator when they publish is told so, and nothing of theirs is lost', async () => {
    const page = await show([refused(403)]);
    await page.press('Edit', 0);
    await page.says('Move up');
    page.write('mine');
    await page.says('Changed');
    await page.press('Publish');
    await page.says('Ask an administrator of Switchyard for access.');
    expect(page.find(TextArea).props.value).toBe('mine');
    expect(page.maybeFind(ErrorState)).toBeNull();
    expect(page.findAll(StatusTag).map(words)).toContain('Changed');
});

test('a portal without rules is asked for its first one', async () => {
    const page = await show([], [{ ...RULES, items: [] }]);
    expect(words(page.getRootNode())).toContain('There are no rules yet. Add the first one.');
});

test('an item that is too long for a page is moved or removed, not edited', async () => {
    const items = RULES.items.map((item) => ({ ...item, definition: item.id === '1' ? null : item.definition }));
    const page = await show([], [{ ...RULES, items }]);
    await page.press('Edit', 0);
    await page.says('Too long for this page');
    expect(page.maybeFind(TextArea)).toBeNull();
});
