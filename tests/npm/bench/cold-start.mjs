// The first import and the first verification in a process: `node cold-start.mjs <package> <import|require>` prints both in ms.
import { createRequire } from "node:module";
import process from "node:process";

const [name, way] = process.argv.slice(2);
const secret = `whsec_${btoa("made for the benchmark only")}`;
const now = Math.floor(Date.now() / 1000);
const body = '{"id":"evt_1","type":"deal.won","customer_id":"c","timestamp":1,"api_version":"1","data":{}}';
const require = createRequire(import.meta.url);

/** Verifies by a package, and refuses: the signature is none, which is found after all is loaded that a good one needs. */
const first = {
  "@dealix/webhooks": ({ Webhook }) => new Webhook(secret).check(body, `t=${now},v1=${"0".repeat(64)}`).error.code,
  stripe: (stripe) => refused(() => (stripe.default ?? stripe)("sk_test_none").webhooks.constructEvent(body, `t=${now},v1=${"0".repeat(64)}`, secret)),
  svix: ({ Webhook }) => refused(() => new Webhook(secret).verify(body, { "svix-id": "1", "svix-timestamp": `${now}`, "svix-signature": "v1,AAAA" })),
  standardwebhooks: ({ Webhook }) =>
    refused(() => new Webhook(secret).verify(body, { "webhook-id": "1", "webhook-timestamp": `${now}`, "webhook-signature": "v1,AAAA" })),
};

const start = performance.now();
const loaded = way === "import" ? await import(name) : require(name);
const imported = performance.now();
if (!first[name](loaded)) throw new Error(`${name} accepts a wrong signature`);
console.log(JSON.stringify({ load: imported - start, first: performance.now() - imported }));

function refused(verify) {
  try {
    verify();
    return false;
  } catch {
    return true;
  }
}
