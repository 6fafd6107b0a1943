/**
 * The only place that asks the connector. HubSpot's proxy carries each question there, signs it, and adds who asks from
 * which portal; the connector believes only that, so nothing of it is said here.
 */
import { hubspot } from '@hubspot/ui-extensions';
import type {
    CompanyAnswer,
    Correction,
    Fault,
    Mode,
    RecordAnswer,
    Routes,
    RulesAnswer,
    RuleWish,
    SettingsAnswer
} from './answers';
import type { Page } from './page';

/** Milliseconds. HubSpot gives up after 15 seconds, and repeats a question once when the answer was a 5xx. */
const TIMEOUT = 12_000;

export type ProblemKind = 'unset' | 'unreachable' | 'denied' | 'missing' | 'refused' | 'wrong' | 'busy' | 'failed';

const KINDS: Record<number, ProblemKind> = {
    403: 'denied',
    404: 'missing',
    409: 'refused',
    422: 'wrong',
    429: 'busy'
};

/** Why there is no answer; `detail` is the connector's own sentence, empty when it said none. */
export class Problem extends Error {
    constructor(
        readonly kind: ProblemKind,
        readonly detail = '',
        readonly faults: Fault[] = []
    ) {
        super(detail || kind);
    }
}

/** Returns whatever went wrong as a Problem. */
export function problemOf(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem('unreachable');
}

/** Reads what was decided about a record. */
export function readRecord(page: Page, objectTypeId: string, objectId: string): Promise<RecordAnswer> {
    return ask<RecordAnswer>(page, address(page, '/hubspot/cards/record', { objectTypeId, objectId }));
}

/** Reads which leads were matched with a company lately. */
export function readCompany(page: Page, objectId: string): Promise<CompanyAnswer> {
    return ask<CompanyAnswer>(page, address(page, '/hubspot/cards/company', { objectId }));
}

/** Asks for a correction; resolves when it was accepted. It is carried out a little later; the note goes into its audit. */
export async function requestCorrection(
    page: Page,
    record: { objectTypeId: string; objectId: string; decision: string },
    request: Correction,
    note: string
): Promise<void> {
    await ask(page, address(page, '/hubspot/cards/request'), 'POST', { ...record, request, note });
}

/** Reads the state of the connection, its rules and its checks. */
export function readSettings(page: Page): Promise<SettingsAnswer> {
    return ask<SettingsAnswer>(page, address(page, '/hubspot/settings'));
}

/** Sets what Switchyard may do in this portal. */
export async function setMode(page: Page, mode: Mode): Promise<void> {
    await ask(page, address(page, '/hubspot/settings/mode'), 'PUT', { mode });
}

/** Sets what counts as a lead; `before` is what the page showed. */
export async function setRoutes(page: Page, routes: Routes, before: Routes): Promise<void> {
    await ask(page, address(page, '/hubspot/settings/routes'), 'PUT', { routes, before });
}

/** Reads the rules with their texts. */
export function readRules(page: Page): Promise<RulesAnswer> {
    return ask<RulesAnswer>(page, address(page, '/hubspot/settings/rules'));
}

/** Publishes all rules at once, in this order; what is not in the list is live no more. Returns them as they are then. */
export function publishRules(page: Page, version: string, items: RuleWish[]): Promise<RulesAnswer> {
    return ask<RulesAnswer>(page, address(page, '/hubspot/settings/rules'), 'PUT', { version, items });
}

/** The language is for the sentences that the connector writes itself. */
function address({ host, language }: Page, path: string, query: Record<string, string> = {}): string {
    const pairs = Object.entries({ ...query, language }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${host}${path}?${pairs.join('&')}`;
}

async function ask<Answer>(
    { host }: Page,
    url: string,
    method: 'GET' | 'POST' | 'PUT' = 'GET',
    body?: Record<string, unknown>
): Promise<Answer> {
    if (!host.startsWith('https://')) {
        throw new Problem('unset');
    }
    const response = await hubspot.fetch(url, { method, timeout: TIMEOUT, ...(body && { body }) });
    if (!response.ok) {
        const { detail, faults } = await told(response);
        throw new Problem(KINDS[response.status] ?? 'failed', detail, faults);
    }
    return (await response.json()) as Answer;
}

/** Returns what `application/problem+json` says; a proxy on the way may have answered something else. */
async function told(response: Response): Promise<{ detail: string; faults: Fault[] }> {
    try {
        const { detail, faults } = (await response.json()) as { detail?: unknown; faults?: unknown };
        return {
            detail: typeof detail === 'string' ? detail : '',
            faults: Array.isArray(faults) ? (faults as Fault[]) : []
        };
    } catch {
        return { detail: '', faults: [] };
    }
}
