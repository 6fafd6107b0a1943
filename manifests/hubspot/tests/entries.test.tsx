import { DescriptionListItem, hubspot, Select, Table } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { answered, COMPANY, connect, HOST, RECORD, settings } from './support/connector';

/** The places where HubSpot enters: the file, the kind of place, what is shown there, and by which answer. */
const ENTRIES = [
    [() => import('../src/app/cards/RecordTab'), 'crm.record.tab', DescriptionListItem, RECORD],
    [() => import('../src/app/cards/RecordSidebar'), 'crm.record.sidebar', DescriptionListItem, RECORD],
    [() => import('../src/app/cards/CompanyTab'), 'crm.record.tab', Table, COMPANY],
    [() => import('../src/app/settings/SettingsPage'), 'settings', Select, null]
] as const;

test.each(ENTRIES)('%o shows its page where it is put (%s)', async (enter, place, part, answer) => {
    connect((question) => (answer ? answered(answer) : settings()(question)));
    const extend = vi.spyOn(hubspot, 'extend').mockReturnValue(undefined);
    await enter();
    expect(extend).toHaveBeenCalledOnce();
    const { render, mocks, findAll, waitFor } = createRenderer(place);
    mocks.context.variables = { HOST };
    const draw = extend.mock.calls[0]?.[0] as (api: object) => ReactNode;
    render(draw({ context: mocks.context, actions: mocks.actions }));
    await waitFor(() => {
        expect(findAll(part as typeof Table)).not.toHaveLength(0);
    });
});
