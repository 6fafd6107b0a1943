import { Alert, Button, LoadingButton, Select } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import type { Routes } from 'switchyard-ui';
import { expect, test } from 'vitest';
import { Settings } from '../src/app/settings/parts/Settings';
import { connect, HOST, refused, settings, type Question } from './support/connector';
import { until, words } from './support/words';

async function show(changes = {}, put = () => refused(409, 'Somebody was faster.')) {
    let routes: Routes = 'contacts';
    const questions = connect((question: Question) => {
        if (question.options.method === 'PUT') {
            const answer = put();
            routes = answer.ok ? (question.options.body?.routes as Routes) : routes;
            return answer;
        }
        return settings({ has_leads: true, routes, ...changes })(question);
    });
    const renderer = createRenderer('settings');
    const { context, actions } = renderer.mocks;
    context.variables = { HOST };
    renderer.render(<Settings context={context} actions={actions} />);
    await until(() => {
        renderer.find(Select);
    });
    const select = () => renderer.findAll(Select).find(({ props }) => props.name === 'routes');
    const press = (label: string) => {
        const buttons = [...renderer.findAll(Button), ...renderer.findAll(LoadingButton)];
        buttons.find((each) => words(each) === label)?.trigger('onClick');
    };
    return { ...renderer, questions, select, press };
}

test('a portal without leads has nothing to choose', async () => {
    expect((await show({ has_leads: false })).select()).toBeUndefined();
});

test('a choice is asked twice, then saved, and the page shows it', async () => {
    const { select, press, getRootNode, questions, mocks } = await show({}, () => Response.json({}));
    expect(select()?.props.value).toBe('contacts');
    select()?.props.onChange?.('leads and contacts');
    await until(() => {
        expect(words(getRootNode())).toContain('The contact of a lead gets the lead');
    });
    press('Change');
    await until(() => {
        expect(words(getRootNode())).toContain('Every record is read anew.');
    });
    expect(questions.filter(({ options }) => options.method === 'PUT')).toEqual([]);
    press('Cancel');
    await until(() => {
        expect(words(getRootNode())).not.toContain('Every record is read anew.');
    });
    press('Change');
    await until(() => {
        expect(words(getRootNode())).toContain('Yes, change it');
    });
    press('Yes, change it');
    await until(() => {
        expect(mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({ type: 'success' });
    });
    const [sent] = questions.filter(({ options }) => options.method === 'PUT');
    expect(sent?.url.pathname).toBe('/hubspot/settings/routes');
    expect(sent?.options.body).toEqual({ routes: 'leads and contacts', before: 'contacts' });
    await until(() => {
        expect(select()?.props.value).toBe('leads and contacts');
    });
});

test('a choice that somebody else made first is told', async () => {
    const { select, press, findAll, getRootNode } = await show();
    select()?.props.onChange?.('leads');
    await until(() => {
        expect(words(getRootNode())).toContain('Contacts keep the owner they have.');
    });
    press('Change');
    await until(() => {
        expect(words(getRootNode())).toContain('Yes, change it');
    });
    press('Yes, change it');
    await until(() => {
        expect(findAll(Alert).map(words)).toContain('Somebody was faster.');
    });
});

test('who may not change it sees it locked', async () => {
    const { select, findAll } = await show({ may_change: false });
    expect(select()?.props.readOnly).toBe(true);
    expect(findAll(Button).find((each) => words(each) === 'Change')?.props.disabled).toBe(true);
});
