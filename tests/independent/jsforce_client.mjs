// What an integration written with jsforce does, against the org whose address, app and user come as JSON on stdin.
// Prints one JSON object: the name of each step -> what it found.
import { Connection, OAuth2 } from "@jsforce/jsforce-node";

const given = JSON.parse(await new Response(process.stdin).text());
const found = {};

/** Return what an error says that a client can act on. */
const refusal = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    return { code: error.errorCode ?? error.name, content: error.content ?? error.data ?? null };
  }
};

/** Tell the local org to misbehave. */
const order = (name, body) => fetch(`${given.url}/_control/${name}`, { method: "POST", body: JSON.stringify(body) });

/** Walk the authorization code flow with PKCE as jsforce does it; a person's click on the page is a form post. */
const signIn = async () => {
  const oauth2 = new OAuth2({
    loginUrl: given.url,
    clientId: given.clientId,
    clientSecret: given.clientSecret,
    redirectUri: given.redirectUri,
    useVerifier: true,
  });
  const page = new URL(oauth2.getAuthorizationUrl({ scope: "api refresh_token id", state: "s" }));
  const consent = new URLSearchParams({ ...Object.fromEntries(page.searchParams), username: given.user, decision: "allow" });
  const answer = await fetch(`${page.origin}${page.pathname}`, { method: "POST", body: consent, redirect: "manual" });
  const code = new URL(answer.headers.get("location")).searchParams.get("code");
  const connection = new Connection({ oauth2, instanceUrl: given.url, version: "66.0", callOptions: { client: "Independent" } });
  found.user = await connection.authorize(code);
  return { oauth2, connection };
};

const { oauth2, connection } = await signIn();

// Refresh tokens rotate: the second use of one must fail.
const refreshToken = connection.refreshToken;
const renewed = await oauth2.refreshToken(refreshToken);
found.rotated = renewed.refresh_token !== undefined && renewed.refresh_token !== refreshToken;
found.reused = await refusal(oauth2.refreshToken(refreshToken));
connection.accessToken = renewed.access_token;

found.identity = await connection.identity();

const leads = connection.sobject("Lead");
const described = await leads.describe();
found.describe = {
  name: described.name,
  mergeable: described.mergeable,
  owner: described.fields.find((field) => field.name === "OwnerId").referenceTo,
  types: Object.fromEntries(described.fields.map((field) => [field.name, field.type])),
};

const [one, two, three] = await leads.create([
  { LastName: "One", Company: "Independent", Email: "one@independent.example" },
  { LastName: "Two", Company: "Independent" },
  { LastName: "Three", Company: "Independent" },
]);
found.created = [one, two, three];
found.updated = await leads.update({ Id: one.id, City: "London" });
found.partly = await leads.update(
  [
    { Id: one.id, City: "Paris" },
    { Id: "00Q000000000000AAA", City: "Nowhere" },
  ],
  { allOrNone: false },
);
found.rolledBack = await leads.create([{ LastName: "Four", Company: "Independent" }, { LastName: "Five" }], { allOrNone: true });
found.queried = await connection.query(
  `SELECT Id, City, Owner.Name FROM Lead WHERE Id IN ('${one.id}', '${two.id}') ORDER BY LastName`,
);
const many = Array.from({ length: 2100 }, (_, place) => ({ Name: `Paged ${place}` }));
await connection.sobject("Account").create(many, { allowRecursive: true });
const paged = "SELECT Id FROM Account WHERE Name LIKE 'Paged %'";
found.paged = (await connection.query(paged, { autoFetch: true, maxFetch: 5000 })).records.length;
found.one = await leads.retrieve(one.id);

found.unknownField = await refusal(leads.create({ LastName: "Six", Company: "Independent", Nonsense__c: 1 }));
found.unknownRecord = await refusal(leads.retrieve("00Q000000000000AAA"));
found.badQuery = await refusal(connection.query("SELECT Nonsense FROM Lead"));
found.missing = await refusal(leads.create({ LastName: "Seven" }));

const audits = connection.sobject("Routing_Audit__c");
await audits.create({ Decision_Key__c: "independent" });
found.twice = await refusal(audits.create({ Decision_Key__c: "independent" }));
await order("refuse", { sobject: "Lead", code: "UNABLE_TO_LOCK_ROW" });
found.locked = await refusal(leads.update({ Id: three.id, City: "Locked" }));
found.changedMeanwhile = await refusal(
  connection.request({
    method: "PATCH",
    url: `/sobjects/Lead/${three.id}`,
    headers: { "content-type": "application/json", "If-Unmodified-Since": "Mon, 30 Nov 2015 08:34:54 GMT" },
    body: JSON.stringify({ City: "Too late" }),
  }),
);

found.composite = await connection.request({
  method: "POST",
  url: "/composite",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    allOrNone: true,
    compositeRequest: [
      { method: "POST", url: "/services/data/v66.0/sobjects/Account", referenceId: "account", body: { Name: "Independent" } },
      {
        method: "POST",
        url: "/services/data/v66.0/sobjects/Contact",
        referenceId: "contact",
        body: { LastName: "One", AccountId: "@{account.id}" },
      },
    ],
  }),
});
const account = found.composite.compositeResponse[0].body.id;

await connection.sobject("Task").create({ Subject: "Call", WhoId: two.id });
found.merged = await connection.soap.merge({
  masterRecord: { type: "Lead", Id: one.id, City: "Rome" },
  recordToMergeIds: [two.id],
});
found.mergedAgain = await connection.soap.merge({
  masterRecord: { type: "Lead", Id: one.id },
  recordToMergeIds: [two.id],
});
found.inTheBin = await connection.query(`SELECT Id, MasterRecordId FROM Lead WHERE Id = '${two.id}'`, { scanAll: true });
found.converted = await connection.soap.convertLead({
  leadId: one.id,
  accountId: account,
  convertedStatus: "Closed - Converted",
  doNotCreateOpportunity: true,
  ownerId: found.user.id,
});
found.convertedUpdate = await refusal(leads.update({ Id: one.id, City: "Too late" }));
found.deleted = await leads.destroy(three.id);
found.limits = { info: connection.limitInfo, body: await connection.limits() };

process.stdout.write(JSON.stringify(found));
