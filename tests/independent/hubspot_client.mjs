// What an integration written with HubSpot's own client does, against the portal whose address and app come as JSON on
// stdin. Prints one JSON object: the name of each step -> what it found.
import http from "node:http";
import { Client, Signature } from "@hubspot/api-client";

const given = JSON.parse(await new Response(process.stdin).text());
const found = {};

// The client knows the undated paths only; the middleware it documents is where a URL may be changed.
const DATED = [
  [/\/crm\/v[34]\/(objects|associations|owners|properties)\b/, "/crm/$1/2026-09"],
  [/\/crm-object-schemas\/v3\//, "/crm-object-schemas/2026-09/"],
  [/\/oauth\/v1\/token$/, "/oauth/2026-09/token"],
];
const dated = {
  pre: (context) => {
    context.setUrl(DATED.reduce((url, [old, now]) => url.replace(old, now), context.getUrl()));
    return context;
  },
  // By the dated documents, archives of associations answer 200 with a body; this client takes all but 204 for an error.
  post: (context) => {
    if (context.httpStatusCode === 200 && archiving) context.httpStatusCode = 204;
    return context;
  },
};
let archiving = false;

/** Return what an error says that a client can act on. */
const refusal = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    const { status, message, category, correlationId, errors, context } = error.body ?? {};
    return { code: error.code, said: error.body && { status, message, category, correlationId, errors, context } };
  }
};

/** Give the local portal an order. */
const order = async (name, body) => {
  const answer = await fetch(`${given.url}/_control/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
  return answer.json();
};

const client = new Client({
  basePath: given.url,
  middleware: [dated],
  // Its own pauses between calls would only make this slow.
  limiterOptions: { minTime: 0, maxConcurrent: 4, id: "independent" },
});

// The authorization code flow; a person's click on the page is a form post.
const page = new URL(client.oauth.getAuthorizationUrl(given.clientId, given.redirectUri, given.scope, given.optional, "s"));
found.authorize = { origin: page.origin, path: page.pathname };
const consent = new URLSearchParams({ ...Object.fromEntries(page.searchParams), account: given.account, decision: "allow" });
const allowed = await fetch(`${given.url}${page.pathname}`, { method: "POST", body: consent, redirect: "manual" });
const code = new URL(allowed.headers.get("location")).searchParams.get("code");
const asked = [given.redirectUri, given.clientId, given.clientSecret];
const token = await client.oauth.tokensApi.create("authorization_code", code, ...asked);
found.token = { type: token.tokenType, lives: token.expiresIn, refreshes: token.refreshToken !== undefined };
found.codeTwice = await refusal(client.oauth.tokensApi.create("authorization_code", code, ...asked));
const renewed = await client.oauth.tokensApi.create("refresh_token", undefined, ...asked, token.refreshToken);
found.renewed = renewed.accessToken !== token.accessToken;
found.badRefresh = await refusal(client.oauth.tokensApi.create("refresh_token", undefined, ...asked, "nonsense"));
client.setAccessToken("nonsense");
found.badToken = await refusal(client.crm.contacts.basicApi.getPage());
client.setAccessToken(renewed.accessToken);

const { companies, contacts, deals, objects, associations, owners, properties, schemas } = client.crm;
const PRIMARY = [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 1 }];

// Records one by one.
const ana = await contacts.basicApi.create({ properties: { email: "ana@acme.example", lastname: "Muster" }, associations: [] });
// The app may read deals and never writes one.
found.withoutScope = await refusal(deals.basicApi.create({ properties: { dealname: "Lathe" }, associations: [] }));
const acme = await order("create", { portalId: given.portalId, object: "companies", properties: { name: "Acme", domain: "else.example" } });
found.company = (await companies.basicApi.getById(acme.id, ["name"])).properties.name;
await contacts.basicApi.update(ana.id, { properties: { city: "Bern" } });
const read = await contacts.basicApi.getById(ana.id, ["email", "city"]);
found.read = { ...read.properties, archived: read.archived, dates: read.createdAt instanceof Date && read.updatedAt >= read.createdAt };
found.byEmail = (await contacts.basicApi.getById("ana@acme.example", undefined, undefined, undefined, false, "email")).id === ana.id;
found.twice = await refusal(contacts.basicApi.create({ properties: { email: "ana@acme.example" }, associations: [] }));
found.unknownProperty = await refusal(contacts.basicApi.update(ana.id, { properties: { nonsense: "1" } }));
found.unknownRecord = await refusal(contacts.basicApi.getById("999999"));

// Associations.
const pair = { _from: { id: ana.id }, to: { id: acme.id }, types: PRIMARY };
const linked = await associations.v4.batchApi.create("contacts", "companies", { inputs: [pair] });
found.linked = { status: linked.status, labels: linked.results[0].labels };
const links = await associations.v4.batchApi.getPage("contacts", "companies", { inputs: [{ id: ana.id }] });
found.links = links.results[0].to.map((one) => ({
  mine: one.toObjectId === acme.id,
  types: one.associationTypes.map((type) => [type.typeId, type.label ?? null]),
}));
const kinds = await associations.v4.schema.definitionsApi.getAll("contacts", "companies");
found.kinds = kinds.results.map((one) => one.typeId);
archiving = true;
await associations.v4.batchApi.archiveLabels("contacts", "companies", { inputs: [pair] });
archiving = false;
const left = await associations.v4.batchApi.getPage("contacts", "companies", { inputs: [{ id: ana.id }] });
found.left = left.results[0].to[0].associationTypes.map((type) => type.typeId);

// Batches, whole and in part.
const many = await contacts.batchApi.create({
  inputs: ["bob", "cleo", "dora"].map((name) => ({ properties: { email: `${name}@acme.example` }, associations: [] })),
});
const [bob, cleo, dora] = ["bob", "cleo", "dora"].map((name) => many.results.find((one) => one.properties.email.startsWith(name)).id);
const both = await contacts.batchApi.read({ inputs: [{ id: bob }, { id: "999999" }], properties: ["email"], propertiesWithHistory: [] });
found.partlyRead = { results: both.results.length, errors: both.numErrors, category: both.errors?.[0].category, context: both.errors?.[0].context };
const traced = await contacts.batchApi.create({
  inputs: [
    { objectWriteTraceId: "new", properties: { email: "emil@acme.example" }, associations: [] },
    { objectWriteTraceId: "old", properties: { email: "bob@acme.example" }, associations: [] },
  ],
});
found.partlyCreated = {
  results: traced.results.map((one) => one.properties.email),
  errors: traced.errors?.map((one) => one.context.objectWriteTraceId),
};
found.allOrNothing = await refusal(
  contacts.batchApi.create({ inputs: [{ properties: { email: "bob@acme.example" }, associations: [] }] }),
);
const upserted = await contacts.batchApi.upsert({
  inputs: [{ idProperty: "email", id: "bob@acme.example", properties: { city: "Basel" } }],
});
found.upserted = { same: upserted.results[0].id === bob, fresh: upserted.results[0]._new };
const updated = await contacts.batchApi.update({ inputs: [{ id: cleo, properties: { city: "Chur" } }] });
found.updated = updated.results[0].properties.city;
await contacts.batchApi.archive({ inputs: [{ id: cleo }] });
found.archived = (await contacts.basicApi.getPage(100, undefined, undefined, undefined, undefined, true)).results.map((one) => one.id === cleo);
found.merged = (await contacts.basicApi.merge({ primaryObjectId: bob, objectIdToMerge: dora })).properties.hs_merged_object_ids
  ?.split(";").includes(dora);

// Search and pages.
const filters = [{ propertyName: "email", operator: "CONTAINS_TOKEN", value: "*@acme.example" }];
const search = (more) => contacts.searchApi.doSearch({ filterGroups: [{ filters }], properties: ["email"], limit: 2, ...more });
const first = await search({ sorts: [{ propertyName: "hs_object_id", direction: "ASCENDING" }] });
const second = await search({ sorts: [{ propertyName: "hs_object_id", direction: "ASCENDING" }], after: first.paging.next.after });
found.searched = { total: first.total, pages: [first.results.length, second.results.length], last: second.paging === undefined };
found.badSearch = await refusal(search({ filterGroups: [{ filters: [{ propertyName: "nonsense", operator: "EQ", value: "1" }] }] }));
const paged = (await contacts.basicApi.getPage(2)).paging.next.after;
found.everybody = (await contacts.getAll(2)).length;
found.after = paged !== undefined;

// Tasks with a contact, as the generic objects API has them.
const task = await objects.basicApi.create("tasks", {
  properties: { hs_timestamp: "2026-11-23T09:00:00Z", hs_task_subject: "Call Ana", hs_task_status: "NOT_STARTED" },
  associations: [{ to: { id: ana.id }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 204 }] }],
});
found.task = (await objects.basicApi.getById("tasks", task.id, ["hs_task_subject"], undefined, ["contacts"])).associations.contacts.results
  .map((one) => one.id === ana.id);
found.taskWithoutTime = await refusal(objects.basicApi.create("tasks", { properties: { hs_task_subject: "Never" }, associations: [] }));

// Owners, properties, schemas.
const people = await owners.ownersApi.getPage(undefined, undefined, 100, false);
found.owners = people.results.map(({ id, type, archived, teams }) => ({ id, type, archived, teams: teams?.map((team) => team.name) }));
found.gone = (await owners.ownersApi.getPage(undefined, undefined, 100, true)).results.map((one) => one.id);
const field = { name: "shade", label: "Shade", type: "string", fieldType: "text", groupName: "contactinformation" };
found.property = (await properties.coreApi.create("contacts", field)).name;
found.propertyTwice = await refusal(properties.coreApi.create("contacts", field));
found.defined = (await properties.coreApi.getAll("contacts")).results.some((one) => one.name === "shade");
const schema = await schemas.coreApi.create({
  name: "machine",
  labels: { singular: "Machine", plural: "Machines" },
  primaryDisplayProperty: "title",
  requiredProperties: ["title"],
  searchableProperties: ["title"],
  secondaryDisplayProperties: [],
  associatedObjects: ["CONTACT"],
  properties: [{ name: "title", label: "Title", type: "string", fieldType: "text" }],
});
found.schema = { name: schema.name, type: schema.objectTypeId, full: schema.fullyQualifiedName };
const machine = await objects.basicApi.create(schema.objectTypeId, { properties: { title: "Lathe" }, associations: [] });
found.machine = (await objects.basicApi.getPage(schema.fullyQualifiedName, 10, undefined, ["title"])).results.map((one) => one.id === machine.id);

// A webhook: taken with a server of our own, checked with the client's helper.
const heard = await new Promise((resolve, reject) => {
  const server = http.createServer(async (request, reply) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    reply.writeHead(204).end();
    const body = Buffer.concat(parts).toString("utf8");
    if (!body.includes('"contact.creation"') && !body.includes('"object.creation"')) return;
    server.close();
    resolve({ headers: request.headers, body });
  });
  server.listen(0, "127.0.0.1", async () => {
    try {
      await order("webhooks", { url: `http://127.0.0.1:${server.address().port}/hook`, public_url: given.hook });
      await order("create", { portalId: given.portalId, object: "contacts", properties: { email: "zoe@acme.example" } });
    } catch (error) {
      reject(error);
    }
  });
});
const delivery = {
  signatureVersion: "v3",
  method: "POST",
  url: given.hook,
  clientSecret: given.clientSecret,
  requestBody: heard.body,
  signature: heard.headers["x-hubspot-signature-v3"],
  timestamp: Number(heard.headers["x-hubspot-request-timestamp"]),
};
const valid = (change) => Signature.isValid({ ...delivery, ...change });
found.signed = valid({});
found.tampered = {
  body: valid({ requestBody: `${heard.body} ` }),
  url: valid({ url: `${given.hook}?portalId=1` }),
  secret: valid({ clientSecret: "another" }),
  time: valid({ timestamp: delivery.timestamp + 1 }),
};
const legacy = { signatureVersion: "v1", signature: heard.headers["x-hubspot-signature"] };
found.legacy = valid(legacy);
found.delivery = heard.body;

process.stdout.write(JSON.stringify(found));
