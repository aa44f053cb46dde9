// The catalogue of event types in the package: the samples, JSON Schema, OpenAPI. What a payload holds is open, so whatever
// is sent must be valid.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { EVENT_TYPES, Webhook } from "@dealix/webhooks";
import openapi from "@dealix/webhooks/openapi.json" with { type: "json" };
import schema from "@dealix/webhooks/schemas/events.json" with { type: "json" };
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { run } from "./runtimes/process.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { deliveriesOf } from "./support/sender.mjs";

const execute = promisify(execFile);
const installed = join(import.meta.dirname, "../../node_modules/@dealix/webhooks");

/** What the example does not show: the types are open, and they do check. */
const TYPES = `import type { webhooks } from "./openapi.js";
type DealWon = webhooks["deal.won"]["post"]["requestBody"]["content"]["application/json"];
export function use(event: DealWon): unknown {
  event.type satisfies "deal.won";
  event.data.amount satisfies number | null | undefined;
  // @ts-expect-error: a number
  event.data.amount satisfies string | null | undefined;
  return event.data["another"];
}
`;
const TSCONFIG = '{ "extends": "./tsconfig.json", "files": ["handle.ts", "use.ts"] }';
const project = await buildProject("catalogue", {
  files: { "use.ts": TYPES, "tsconfig.use.json": TSCONFIG },
  build: [
    ["npm", "run", "types"],
    ["npm", "run", "check", "--", "--project", "tsconfig.use.json"],
  ],
});
const require = createRequire(join(project, "package.json"));
const { Ajv2020 } = require("ajv/dist/2020.js");

/** Ajv in its strict mode, which also fails on a keyword that the schema misspells. */
const ajv = new Ajv2020({ strict: true, allErrors: true, logger: false });
const isValid = ajv.compile(schema);
ajv.addVocabulary(Object.keys(openapi)).addSchema(openapi, "openapi.json");
const isValidInOpenApi = (event) => {
  const name = event.type in openapi.webhooks ? event.type : "event";
  return ajv.getSchema(`openapi.json#/components/schemas/${name}`)(event);
};

function assertValid(event, what = JSON.stringify(event)) {
  assert.ok(isValid(event), `${what}: ${ajv.errorsText(isValid.errors)}`);
  assert.ok(isValidInOpenApi(event), `${what}, in OpenAPI`);
}

test("catalogue: OpenAPI has a webhook for each type, and is valid", async () => {
  const { Validator } = await import(require.resolve("@seriousme/openapi-schema-validator"));
  const { valid, errors } = await new Validator().validate(structuredClone(openapi));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(openapi.openapi, "3.1.0");
  assert.deepEqual(createRequire(import.meta.url)("@dealix/webhooks/openapi.json"), openapi);
  assert.deepEqual(Object.keys(openapi.webhooks).sort(), EVENT_TYPES.toSorted());
  assert.deepEqual(Object.keys(schema.$defs).sort(), EVENT_TYPES.toSorted());
});

test("catalogue: OpenAPI names the headers of a real delivery", { timeout: 60_000 }, async () => {
  const [{ headers }] = await deliveriesOf([{ type: "deal.won", customer_id: "cus_1", data: {} }]);
  const sent = Object.keys(headers).filter((name) => name.startsWith("dealix-"));
  const { parameters, responses } = openapi.components;
  const described = Object.values(parameters).map(({ name }) => name.toLowerCase());
  assert.deepEqual(described.sort(), sent.sort());
  for (const [type, { post }] of Object.entries(openapi.webhooks)) {
    assert.equal(post.parameters.length, sent.length, type);
    assert.deepEqual(Object.keys(post.responses), Object.keys(responses), type);
  }
});

test("catalogue: every sample is a valid event, and fills makeEvent and send", () => {
  for (const type of [...EVENT_TYPES, "deal.paused"]) {
    const event = makeEvent({ type });
    assertValid(event);
    assertValid(JSON.parse(serializeEnvelope(event)));
    const known = type in schema.$defs ? type : "deal.won";
    for (const field of Object.keys(schema.$defs[known].properties))
      assert.ok(field in event.data, `${type}: ${field}`);
    assert.deepEqual(event.data, openapi.components.schemas[known].properties.data.examples[0], type);
  }
});

test("catalogue: the README lists each type with its sample", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| `([a-z.]+)` \| ([A-Z][^|]+\.) \| [^|]+ \| `(\{.*\})` \|$/gm)];
  assert.deepEqual(
    rows.map(([, type]) => type),
    EVENT_TYPES,
  );
  for (const [, type, sentence, sample] of rows) {
    assert.deepEqual(JSON.parse(sample), makeEvent({ type }).data, type);
    assert.equal(openapi.webhooks[type].post.summary, sentence);
  }
});

test("catalogue: whatever the sender delivers of the samples is valid", { timeout: 60_000 }, async () => {
  const events = EVENT_TYPES.map((type) => ({ type, customer_id: "cus_1", data: makeEvent({ type }).data }));
  const deliveries = await deliveriesOf(events);
  assert.deepEqual(new Set(deliveries.map(({ body }) => JSON.parse(body).type)), new Set(EVENT_TYPES));
  for (const { body } of deliveries) assertValid(JSON.parse(body), body);
});

test("catalogue: unknown types, fields and absent ones are valid", () => {
  for (const event of [
    makeEvent({ type: "deal.paused", data: { amount: "of another type" } }),
    makeEvent({ type: "", data: {} }),
    makeEvent({ type: "deal.won", data: {} }),
    makeEvent({ type: "deal.won", data: { more: null, amount: 1, nested: { amount: "" } } }),
    { ...makeEvent({ type: "deal.won" }), api_version: "v2", more: [] },
  ]) {
    assertValid(event);
  }
});

test("catalogue: a broken envelope is not valid, nor a known field of another type", () => {
  const event = makeEvent({ type: "deal.won" });
  for (const [change, what] of [
    [{ id: undefined }, /required property 'id'/],
    [{ type: 5 }, /data\/type must be string/],
    [{ timestamp: 1.5 }, /data\/timestamp must be integer/],
    [{ data: [] }, /data\/data must be object/],
    [{ data: { amount: "12500" } }, /data\/data\/amount must be number/],
  ]) {
    const broken = JSON.parse(JSON.stringify({ ...event, ...change }));
    assert.ok(!isValid(broken), String(what));
    assert.match(ajv.errorsText(isValid.errors), what);
    assert.ok(!isValidInOpenApi(broken), `${what}, in OpenAPI`);
  }
});

test("catalogue: nobody's payload is refused, whatever the catalogue says", { timeout: 60_000 }, async () => {
  const data = { amount: "twelve thousand", name: [null], more: { deep: true } };
  const [{ body, headers, secret }] = await deliveriesOf([{ type: "deal.won", customer_id: "cus_1", data }]);
  assert.deepEqual(new Webhook(secret).verify(body, headers).data, data);
  const webhook = new Webhook("s");
  const made = serializeEnvelope(makeEvent({ type: "deal.won", data }));
  assert.deepEqual(webhook.verify(made, webhook.sign(made)).data, data);
});

test("catalogue: the example says what is wrong with a recorded event", { timeout: 60_000 }, async () => {
  writeFileSync(join(project, "good.json"), serializeEnvelope(makeEvent({ type: "deal.paused" })));
  writeFileSync(join(project, "bad.json"), JSON.stringify({ ...makeEvent({ type: "deal.won" }), id: 5 }));
  const printed = await run("node", ["validate.mjs", "good.json", "bad.json"], { cwd: project });
  assert.equal(printed, "good.json: valid\nbad.json: event/id must be string\n");
});

test("catalogue: a receiver's bundle holds no sample", async () => {
  const { stdout } = await execute("grep", ["-rlE", "ISO 4217|currency", "dist"], { cwd: installed });
  const files = stdout.trim().split("\n").sort();
  for (const entry of ["index", "edge", "node", "replay"]) {
    for (const extension of [".js", ".cjs"]) assert.ok(!files.includes(`dist/${entry}${extension}`), files.join());
  }
  assert.ok(files.includes("dist/testing.wasm"), files.join());
});
