import { EmptyState, ErrorState, LoadingSpinner, TableRow } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { expect, test } from 'vitest';
import { CompanyCard } from '../src/app/cards/parts/CompanyCard';
import { answered, COMPANY, connect, HOST, refused } from './support/connector';
import { words } from './support/words';

function renderCompany() {
    const renderer = createRenderer('crm.record.tab');
    const { context } = renderer.mocks;
    context.portal.timezone = 'UTC';
    context.crm = { objectTypeId: '0-2', objectId: 7 };
    context.variables = { HOST };
    renderer.render(<CompanyCard context={context} />);
    return renderer;
}

test('it tells the latest leads of the company, who has them, and which are duplicates', async () => {
    const questions = connect(() => answered(COMPANY));
    const { find, findAll, waitFor, getRootNode } = renderCompany();
    expect(find(LoadingSpinner).props.label).toBe('Asking Switchyard');
    await waitFor(() => {
        expect(findAll(TableRow).map(words)).toEqual([
            'Lead Given to Confidence Decided',
            'Li Wei An older record of this person Ana Silva 90% Nov 22, 2026, 9:30 AM',
            'Jo Doe Nobody'
        ]);
    });
    expect(words(getRootNode())).toContain('The last 2 of 40 leads.');
    expect(findAll(CrmActionLink).map(({ props }) => props.actionContext)).toEqual([
        { objectTypeId: '0-1', objectId: 101 },
        { objectTypeId: '0-1', objectId: 99 },
        { objectTypeId: '0-136', objectId: 102 }
    ]);
    expect(questions.map(({ url }) => url.pathname + url.search)).toEqual([
        '/hubspot/cards/company?objectId=7&language=en'
    ]);
});

test('a company whose leads are all there has no more of them', async () => {
    connect(() => answered({ ...COMPANY, total: 2 }));
    const { findAll, waitFor, getRootNode } = renderCompany();
    await waitFor(() => {
        expect(findAll(TableRow)).toHaveLength(3);
    });
    expect(words(getRootNode())).not.toContain('The last');
});

test('leads that are only suggested or observed are told as what would be', async () => {
    connect(() => answered({ ...COMPANY, proposed: true }));
    const { findAll, waitFor } = renderCompany();
    await waitFor(() => {
        expect(findAll(TableRow).map(words)[0]).toBe('Lead Would go to Confidence Decided');
    });
});

test('a company without leads has an empty card', async () => {
    connect(() => answered({ leads: [], total: 0 }));
    const { find, waitFor } = renderCompany();
    await waitFor(() => {
        expect(find(EmptyState).props.title).toBe('No leads yet');
    });
});

test('who may not see it is told so', async () => {
    connect(() => refused(403, 'Only people of this portal.'));
    const { find, waitFor } = renderCompany();
    await waitFor(() => {
        expect(words(find(ErrorState))).toBe('Only people of this portal.');
    });
});
