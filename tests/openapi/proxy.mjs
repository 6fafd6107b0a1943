// A proxy that passes every byte on as it came, and says on stdout (one JSON object a line) how each exchange breaks the
// document. Prism's own server parses and writes bodies anew and cuts long lists of violations, so only its judgement is
// used. The document is taken twice: with its known wrong places amended, and as it was published.
// Usage: node proxy.mjs <amended> <published> <upstream>
import http from "node:http";
import prism from "@stoplight/prism-http";

const [amended, published, upstream] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const silent = Object.fromEntries(["trace", "debug", "info", "warn", "error", "fatal", "success"].map((level) => [level, () => {}]));
const logger = { ...silent, child: () => logger };

// What "forwarding" finds is the answer that the sandbox has already given.
const forward = ({ data }) => () => async () => ({ _tag: "Right", right: data.answer });
const documents = {
  amended: await prism.getHttpOperationsFromSpec(amended),
  published: await prism.getHttpOperationsFromSpec(published),
};
const settings = {
  isProxy: true,
  upstream: new URL(upstream),
  checkSecurity: true,
  validateRequest: true,
  validateResponse: true,
  errors: false,
  mock: { dynamic: false },
};
const judge = prism.createInstance(settings, { logger, forward });
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

const whole = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

/** Read a body as its headers say; what is no JSON after all stays text, and the document says whether that is right. */
const parsed = (headers, bytes) => {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  if (!/json/.test(headers["content-type"] ?? "")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const pass = (request, body) =>
  new Promise((resolve, reject) => {
    const { method, url, headers } = request;
    const sent = http.request(new URL(url, upstream), { method, headers, agent }, async (answer) => {
      try {
        resolve({ status: answer.statusCode, raw: answer.rawHeaders, headers: answer.headers, bytes: await whole(answer) });
      } catch (error) {
        reject(error);
      }
    });
    sent.on("error", reject);
    sent.end(body);
  });

/** Return what one document has against one exchange, as Prism sees it. */
const broken = async (operations, input) => {
  const judged = await judge.request(input, operations)();
  if (judged._tag === "Left") return [{ side: "proxy", place: "", message: String(judged.left) }];
  const { input: asked, output: answered } = judged.right.validations;
  const found = (side) => ({ path, message }) => ({ side, place: (path ?? []).join("."), message });
  return [...asked.map(found("request")), ...answered.map(found("response"))];
};

/** Check one exchange; it has been answered already. */
const check = async ({ method, url, headers }, body, answer) => {
  const { pathname, searchParams } = new URL(url, upstream);
  const query = {};
  for (const name of searchParams.keys()) {
    const values = searchParams.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  const input = {
    method: method.toLowerCase(),
    url: { path: pathname, query },
    headers,
    body: parsed(headers, body),
    answer: { statusCode: answer.status, headers: answer.headers, body: parsed(answer.headers, answer.bytes) },
  };
  const found = { amended: await broken(documents.amended, input), published: await broken(documents.published, input) };
  say({ method, path: pathname, status: answer.status, ...found });
};

const server = http.createServer(async (request, reply) => {
  const body = await whole(request);
  let answer;
  try {
    answer = await pass(request, body);
  } catch {
    reply.destroy(); // The sandbox hung up: so do we.
    return;
  }
  reply.writeHead(answer.status, answer.raw);
  reply.end(answer.bytes);
  await check(request, body, answer);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => say({ ready: `http://127.0.0.1:${server.address().port}` }));
process.on("SIGTERM", () => process.exit(0));
