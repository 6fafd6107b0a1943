/**
 * A connector that answers what a test tells it to, behind HubSpot's proxy; and the answers that it usually gives.
 */
import { hubspot, type HubSpotFetchOptions } from '@hubspot/ui-extensions';
import type { CompanyAnswer, RecordAnswer, SettingsAnswer } from 'switchyard-ui';
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
            name: 'Li Wei',
            owner: 'Ana Silva',
            decided_at: '2026-11-22T09:30:00Z',
            confidence: 0.9,
            duplicate_of: { id: '99', name: '99' }
        },
        { id: '102', name: 'Jo Doe', owner: '', decided_at: 'soon', confidence: null, duplicate_of: null }
    ],
    total: 40
};

export const SETTINGS: SettingsAnswer = {
    state: 'live',
    reason: '',
    mode: 'observe',
    may_change: true,
    crm_storage: 'custom_objects',
    crm_storage_why: '',
    rules: [
        { name: 'Enterprise EMEA', kind: 'rule', state: 'live', error: '' },
        { name: 'Broken', kind: 'pool', state: 'live', error: 'Line 3: there is no user “bob”.' },
        { name: 'Next year', kind: 'rule', state: 'draft', error: '' }
    ],
    rules_error: '',
    console_url: `${HOST}/installs/1`,
    checks: [
        { name: 'Scopes', ok: true, detail: 'All 7 required scopes are granted', remedy: '' },
        { name: 'Owners', ok: false, detail: 'Nobody can be read', remedy: 'Connect again.' }
    ]
};
