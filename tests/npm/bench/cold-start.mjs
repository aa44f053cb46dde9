// The first import and the first verification in a process, of a genuine delivery: prints both in ms, and
// the CPU time of both together, which other processes do not lengthen.
// `node cold-start.mjs <package> <import|require> <secret> <body> <headers as JSON>`
import { createRequire } from "node:module";
import process from "node:process";
import { cpuClock } from "./cpu-clock.mjs";

const [name, way, secret, body, json] = process.argv.slice(2);
const headers = JSON.parse(json);
const require = createRequire(import.meta.url);

const first = {
  "@dealix/webhooks": ({ Webhook }) => new Webhook(secret).verify(body, headers),
  stripe: (stripe) =>
    new (stripe.default ?? stripe)("sk_test_none").webhooks.constructEvent(body, headers["dealix-signature"], secret),
  svix: ({ Webhook }) => new Webhook(secret).verify(body, headers),
  standardwebhooks: ({ Webhook }) => new Webhook(secret).verify(body, headers),
};

const before = cpuClock();
const start = performance.now();
const loaded = way === "import" ? await import(name) : require(name);
const imported = performance.now();
const { id } = first[name](loaded);
const verified = performance.now();
const cpu = cpuClock() - before;
if (id !== JSON.parse(body).id) throw new Error(`${name} gives another event`);
console.log(JSON.stringify({ load: imported - start, first: verified - imported, cpu }));
