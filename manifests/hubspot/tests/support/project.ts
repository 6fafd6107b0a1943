/**
 * The project as HubSpot's own parser sees it. Its schemas of the `config` parts are not published, so ours stand where
 * the parser would fetch them from HubSpot.
 */
import { translate } from '@hubspot/project-parsing-lib/translate';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const SOURCE = path.join(ROOT, 'src');
export const VERSION = '2026.09';
/** Folder of a type of component -> what HubSpot calls it inside. */
const TYPES: Record<string, string> = {
    app: 'APPLICATION',
    webhooks: 'WEBHOOKS',
    card: 'CARD',
    settings: 'SETTINGS',
    'app-object': 'APP_OBJECT',
    'app-object-association': 'APP_OBJECT_ASSOCIATION',
    'app-event': 'APP_EVENT',
    'workflow-action': 'WORKFLOW_ACTION'
};

const read = new Map<string, object>();

/** Returns one of our schemas: the same object each time, so that Ajv compiles it once. */
export function schema(name: string): object {
    const found =
        read.get(name) ?? (JSON.parse(readFileSync(path.join(ROOT, 'schemas', `${name}.json`), 'utf8')) as object);
    read.set(name, found);
    return found;
}

/** What HubSpot would answer when it is asked for its schemas. */
export function schemas(): Record<string, object> {
    return Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [type, schema(name)]));
}

/** Parses and validates a project's source; throws with all that is wrong. */
export async function parsed(source: string, profile = 'production') {
    const place = { projectSourceDir: source, platformVersion: VERSION, accountId: 1 };
    const told = await translate(place, { profile }).catch((error: unknown) => {
        // Only its own text has the reasons.
        throw new Error(String(error));
    });
    return { nodes: told.intermediateRepresentation.intermediateNodesIndexedByUid, skipped: told.skippedHsMetaFiles };
}

/** Returns the names of the profiles. */
export async function profiles(): Promise<string[]> {
    const names = (await readdir(SOURCE)).map((name) => /^hsprofile\.(\w+)\.json$/.exec(name)?.[1]);
    return names.filter((name) => name !== undefined);
}
