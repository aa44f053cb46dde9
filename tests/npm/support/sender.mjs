// Real deliveries: events queued and delivered by `dealix-sender`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { run } from "../runtimes/process.mjs";

const SENDER = process.env.DEALIX_SENDER;
const SECRET = "whsec_test";

/** What arrives of these events, each as `{ body, headers, secret }`. */
export async function deliveriesOf(events) {
  assert.ok(SENDER, "DEALIX_SENDER names the dealix-sender to test; `cargo xtask test` sets it");
  const folder = mkdtempSync(join(tmpdir(), "dealix-sender-"));
  const deliveries = [];
  const server = createServer(async (request, response) => {
    deliveries.push({ body: await text(request), headers: request.headers, secret: SECRET });
    response.writeHead(204).end();
  });
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${server.address().port}/webhooks/dealix`;
    await deliver(events, url, { DEALIX_DATABASE: `sqlite://${folder}/queue.db`, DEALIX_WEBHOOK_SECRET: SECRET });
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
  assert.equal(deliveries.length, events.length);
  return deliveries;
}

async function deliver(events, url, env) {
  const sender = (words, input) => run(SENDER, words, { env: { ...process.env, ...env }, input });
  await sender(["subscriptions", "add", "--customer", events[0].customer_id, "--to", url, "--local"]);
  await sender(["enqueue", "--batch", "-"], events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  await sender(["work", "--local", "--until-idle"]);
}
