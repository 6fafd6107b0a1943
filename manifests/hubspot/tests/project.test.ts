import {
    collectWorkspaceDirectories,
    findAndParsePackageJsonFiles,
    getPackableFiles
} from '@hubspot/project-parsing-lib/workspaces';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { parsed, profiles, ROOT, schema, schemas, SOURCE, VERSION } from './support/project';

vi.mock('@hubspot/local-dev-lib/http', () => ({
    http: { get: vi.fn(() => Promise.resolve({ data: schemas() })) }
}));

const APP = 'app/app-hsmeta.json';
const CARD = 'app/cards/contact-tab-hsmeta.json';
const OTHER_CARD = 'app/cards/lead-tab-hsmeta.json';
const HOOKS = 'app/webhooks/webhooks-hsmeta.json';
const AUDIT = 'app/app-objects/routing-audit-hsmeta.json';
const ROUTE = 'app/workflow-actions/route-hsmeta.json';
const EVENT = 'app/app-events/routed-hsmeta.json';

const ajv = new Ajv2020({ allErrors: true });
const folders: string[] = [];

afterAll(async () => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

function json(file: string): Record<string, unknown> {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

/** Returns a small project of some files of ours, to spoil. */
async function copied(files: string[]): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-project-'));
    folders.push(folder);
    for (const file of [...files, 'hsprofile.production.json']) {
        await cp(path.join(SOURCE, file), path.join(folder, file));
    }
    return folder;
}

/** Replaces a text in a file of a copy; it must be there. */
async function spoil(folder: string, file: string, text: string | RegExp, by: string): Promise<void> {
    const before = await readFile(path.join(folder, file), 'utf8');
    const after = before.replace(text, by);
    expect(after).not.toBe(before);
    await writeFile(path.join(folder, file), after);
}

async function move(folder: string, from: string, to: string): Promise<void> {
    await mkdir(path.join(folder, path.dirname(to)), { recursive: true });
    await rename(path.join(folder, from), path.join(folder, to));
}

/** Returns what our schema says against a file of the project, spoilt or as it is, with the variables of a profile. */
function complaints(file: string, text: string | RegExp = '', by = '', profile = 'production'): string {
    const before = readFileSync(path.join(SOURCE, file), 'utf8');
    const after = text ? before.replace(text, by) : before;
    expect(after === before).toBe(!text);
    const { variables } = json(path.join(SOURCE, `hsprofile.${profile}.json`)) as { variables: Record<string, string> };
    const filled = after.replace(/\$\{(\w+)\}/g, (place, name: string) => variables[name] ?? place);
    const { type, config } = JSON.parse(filled) as { type: string; config: unknown };
    return ajv.validate(schema(type), config) ? '' : ajv.errorsText();
}

test('the project is valid, and no file of it is passed over', async () => {
    const { nodes, skipped } = await parsed(SOURCE);
    expect(skipped).toEqual([]);
    expect(JSON.stringify(nodes)).not.toContain('${');
    const types = Object.values(nodes).map(({ componentType }) => componentType);
    expect([...new Set(types)].sort()).toEqual(Object.keys(schemas()).sort());
});

test('project file and profiles are valid', async () => {
    expect(ajv.validate(schema('project'), json(path.join(ROOT, 'hsproject.json'))), ajv.errorsText()).toBe(true);
    expect(json(path.join(ROOT, 'hsproject.json')).platformVersion).toBe(VERSION);
    expect(await profiles()).toEqual(['development', 'production']);
    for (const profile of await profiles()) {
        for (const file of [APP, HOOKS, ROUTE]) {
            expect(complaints(file, '', '', profile)).toBe('');
        }
        const told = json(path.join(SOURCE, `hsprofile.${profile}.json`));
        expect(ajv.validate(schema('profile'), told), ajv.errorsText()).toBe(true);
    }
});

test.each([
    ['bad JSON', APP, /\}\s*$/, '', /JSON/],
    ['a key that the platform does not know', APP, '"type"', '"version": 1, "type"', /version/],
    ['an unknown type', CARD, '"type": "card"', '"type": "cart"', /cart|unsupported/i],
    ['a uid that another file has', CARD, '"contact_tab"', '"lead_tab"', /lead_tab/],
    ['a uid that may not be', CARD, '"contact_tab"', '"contact tab!"', /uid|contact tab!/i],
    ['a style of our own', CARD, '"location"', '"height": 3, "location"', /additional/i],
    ['a variable that no profile has', APP, '${HOST}/docs', '${DOCS}/docs', /DOCS|documentationUrl/]
])('the parser notices %s', async (_, file, text, by, why) => {
    const folder = await copied([APP, CARD, OTHER_CARD]);
    await spoil(folder, file, text, by);
    await expect(parsed(folder)).rejects.toThrow(why);
});

test.each([
    ['a private distribution', APP, '"marketplace"', '"private"', /distribution/],
    ['a redirect without TLS', APP, '${CALLBACK_HOST}/oauth', 'http://switchyard.example.com/oauth', /redirectUrls/],
    ['a scope that is none', APP, '"crm.objects.owners.read"', '"crm objects"', /requiredScopes/],
    ['an app that may not be asked who installed it', APP, /"oauth",\s*"crm/, '"crm', /requiredScopes/],
    ['the name of the platform in a card', CARD, '"Lead routing"', '"HubSpot routing"', /name/],
    ['a place where no card can be', CARD, '"crm.record.tab"', '"crm.record.top"', /location/],
    ['a card in another folder', CARD, '/app/cards/RecordTab', '/app/settings/RecordTab', /entrypoint/],
    ['a change of no property', HOOKS, /,\s*"propertyName": "email"/, '', /propertyName/],
    [
        'the creation of a property',
        HOOKS,
        '"object.creation",',
        '"object.creation", "propertyName": "email",',
        /propertyName/
    ],
    [
        'a property that nobody is told of',
        HOOKS,
        '"propertyName": "email"',
        '"propertyName": "lastmodifieddate"',
        /propertyName|propertyName|not/i
    ],
    [
        'too few deliveries at once',
        HOOKS,
        '"maxConcurrentRequests": 10',
        '"maxConcurrentRequests": 5',
        /maxConcurrentRequests/
    ],
    [
        'an object that says too much about itself',
        AUDIT,
        /"description": "One/,
        `"description": "${'x'.repeat(73)}`,
        /description/
    ],
    ['a third label', AUDIT, '["outcome", "rule"]', '["outcome", "rule", "mode"]', /secondaryDisplay/],
    ['a label with a sign', AUDIT, '"label": "Title"', '"label": "Title (short)"', /label/],
    ['a number in a text field', AUDIT, '"fieldType": "number"', '"fieldType": "text"', /fieldType/],
    ['a choice of nothing', AUDIT, /,\s*"options": \[[^\]]*\]/, '', /options/],
    [
        'an association with nothing',
        'app/app-object-associations/routing-audit-to-contact-hsmeta.json',
        '"CONTACT"',
        '"DEAL"',
        /secondObjectType/
    ],
    ['an action in too few languages', ROUTE, '"de": {', '"nl": {', /labels/],
    ['an action without TLS', ROUTE, '${HOST}', 'http://localhost:8000', /actionUrl/],
    ['an event of a kind of value that is none', EVENT, '"type": "number"', '"type": "float"', /type/],
    ['settings of another name', 'app/settings/settings-hsmeta.json', '"entrypoint"', '"entryPoint"', /entrypoint/i]
])('the schemas notice %s', (_, file, text, by, why) => {
    expect(complaints(file)).toBe('');
    expect(complaints(file, text, by)).toMatch(why);
});

test('a file in another type’s folder is noticed', async () => {
    const folder = await copied([APP, CARD]);
    await move(folder, CARD, 'app/settings/contact-tab-hsmeta.json');
    await expect(parsed(folder)).rejects.toThrow(/app.settings/);
});

test('a second app is noticed', async () => {
    const folder = await copied([APP]);
    const second = 'app/second-hsmeta.json';
    await cp(path.join(folder, APP), path.join(folder, second));
    await spoil(folder, second, '"switchyard"', '"switchyard2"');
    await expect(parsed(folder)).rejects.toThrow(/app/);
});

test('a file too deep to be read is told of', async () => {
    const folder = await copied([APP, CARD]);
    const deep = path.join('app', 'cards', 'deep', 'contact-tab-hsmeta.json');
    await move(folder, CARD, deep);
    expect((await parsed(folder)).skipped).toEqual([deep]);
});

test('an upload takes along what the cards and the settings page share', async () => {
    const packages = await findAndParsePackageJsonFiles(SOURCE);
    const shared = (await collectWorkspaceDirectories(packages)).map(({ workspaceDir }) =>
        path.relative(SOURCE, workspaceDir)
    );
    expect(shared.sort()).toEqual(['app/cards', 'app/packages/ui', 'app/settings']);
    const files = await getPackableFiles(path.join(SOURCE, 'app/packages/ui'));
    for (const file of [
        'index.ts',
        'states.tsx',
        ...['de', 'en', 'es', 'fr', 'pt_BR'].map((name) => `locale/${name}.json`)
    ]) {
        expect(files).toContain(file);
    }
});

test('what is built at HubSpot has the versions that are tested here', () => {
    const locked = json(path.join(ROOT, 'package-lock.json')).packages as Record<string, { version?: string }>;
    for (const folder of ['cards', 'settings', 'packages/ui']) {
        const asked = json(path.join(SOURCE, 'app', folder, 'package.json')).dependencies as Record<string, string>;
        for (const [name, version] of Object.entries(asked).filter(([name]) => name !== 'switchyard-ui')) {
            expect([name, version]).toEqual([name, locked[`node_modules/${name}`]?.version]);
        }
    }
});
