/**
 * A connector that answers what a test tells it to, behind HubSpot's proxy; and the answers that it usually gives.
 */
import { hubspot, type HubSpotFetchOptions } from '@hubspot/ui-extensions';
import type { CompanyAnswer, RecordAnswer, RulesAnswer, SettingsAnswer } from 'switchyard-ui';
import { vi } from 'vitest';

export const HOST = 'https://switchyard.example.com';

export interface Question {
    url: URL;
    options: HubSpotFetchOptions;
}

type Reply = Response | Error | Promise<Response>;

/** Answers each question by `reply`, which may throw; returns the questions as they come. */
export function connect(reply: (question: Question) => Reply): Question[] {
    const asked: Question[] = [];
    vi.spyOn(hubspot, 'fetch').mockImplementation(async (url, options = {}) => {
        const question = { url: new URL(url), options };
        asked.push(question);
        const answer = await reply(question);
        if (answer instanceof Error) {
            throw answer;
        }
        return answer;
    });
    return asked;
}

export function answered(body: unknown, status = 200): Response {
    return Response.json(body, { status });
}

/** A problem as the connector tells it (RFC 9457). */
export function refused(status: number, detail = ''): Response {
    return Response.json({ title: 'No', detail, status }, { status });
}

export const RECORD: RecordAnswer = {
    state: 'routed',
    account: { id: '7', name: 'Acme Foods', url: 'https://app.hubspot.com/contacts/1/record/0-2/7' },
    confidence: 0.97649,
    confidence_words: 'very likely',
    why: ['The e-mail domain acme.com is that of the website.', 'The names are alike.'],
    runners_up: [{ id: '8', name: 'Acme Ltd', confidence: 0.41, why: 'The names are alike.' }],
    owner: { id: '41', name: 'Ana Silva' },
    proposed: false,
    rule: 'Enterprise EMEA',
    decided_at: '2026-11-22T09:30:00Z',
    since: '2026-11-22T09:31:00Z',
    response: { status: 'in_time', minutes: 12.4, due_at: '2026-11-22T10:00:00Z' },
    reason: 'It was her turn in the pool.',
    decision: 'd-1',
    can: ['wrong_match', 'wrong_owner', 'undo'],
    pending: null,
    refused: null,
    story_url: `${HOST}/installs/1/decisions/d-1`
};

export const COMPANY: CompanyAnswer = {
    leads: [
        {
            id: '101',
            type: '0-1',
            name: 'Li Wei',
            owner: 'Ana Silva',
            decided_at: '2026-11-22T09:30:00Z',
            confidence: 0.9,
            duplicate_of: { id: '99', type: '0-1', name: '99' }
        },
        {
            id: '102',
            type: '0-136',
            name: 'Jo Doe',
            owner: '',
            decided_at: 'soon',
            confidence: null,
            duplicate_of: null
        }
    ],
    total: 40,
    proposed: false
};

export const SETTINGS: SettingsAnswer = {
    state: 'live',
    reason: '',
    mode: 'observe',
    may_change: true,
    routes: 'contacts',
    has_leads: false,
    crm_storage: 'custom_objects',
    crm_storage_why: '',
    console_url: `${HOST}/installs/1`,
    checks: [
        { name: 'Scopes', ok: true, detail: 'All 7 required scopes are granted', remedy: '' },
        { name: 'Owners', ok: false, detail: 'Nobody can be read', remedy: 'Connect again.' }
    ]
};

function item(id: string, name: string, kind: string, changes: Partial<RulesAnswer['items'][number]> = {}) {
    const definition = `- ${kind}: ${name}\n`;
    return { id, name, kind, position: 10, definition, state: 'live', error: '', version: 'v1', url: '', ...changes };
}

/** Rules that stand as records. */
export const RECORDS: RulesAnswer = {
    version: 'a',
    editable: false,
    may_change: true,
    records_url: 'https://app.hubspot.com/contacts/1/objects/2-3/views/all/list',
    error: '',
    items: [
        item('1', 'Enterprise EMEA', 'rule', { url: 'https://app.hubspot.com/contacts/1/record/2-3/1' }),
        item('2', 'Broken', 'pool', { error: 'Line 3: there is no user “bob”.' }),
        item('3', 'Next year', 'rule', { state: 'draft' }),
        item('4', 'Everywhere', 'territory', { definition: null })
    ]
};

/** Rules that stand in the connector, and are edited on the page. */
export const RULES: RulesAnswer = {
    ...RECORDS,
    editable: true,
    records_url: '',
    items: [item('1', 'First', 'rule'), item('2', 'Desk', 'pool'), item('3', 'Last', 'rule', { error: 'What?' })]
};

/** Answers the two questions of the settings page. */
export function settings(changes: Partial<SettingsAnswer> = {}, rules: Partial<RulesAnswer> = {}) {
    return ({ url }: Question): Response =>
        answered(url.pathname.endsWith('/rules') ? { ...RECORDS, ...rules } : { ...SETTINGS, ...changes });
}
