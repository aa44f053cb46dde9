// `listen` under a flood: a genuine delivery does not wait for the diagnosis of refused ones.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { makeEvent, signedRequest } from "@dealix/webhooks/testing";
import { environment, listen, SECRET } from "./support/command.mjs";

const FORGED = 24;

/** 1 MB that takes a long time to diagnose. */
const heavy = JSON.stringify({ rows: Array.from({ length: 60_000 }, (_, number) => ({ n: `${number}.0` })) });

const forged = (url) =>
  fetch(url, {
    method: "POST",
    body: heavy,
    headers: { "Dealix-Signature": `t=${Math.floor(Date.now() / 1000)},v1=${"0".repeat(64)}` },
  });

const genuine = (url, id) => fetch(signedRequest({ secret: SECRET, event: makeEvent({ type: "deal.won", id }), url }));

test("cli: listen responds to genuine deliveries while diagnosing forged", { timeout: 120_000 }, async (t) => {
  const { url, line, child, errors } = await listen(t, ["--json"]);
  assert.equal((await genuine(url, "evt_0")).status, 204);
  const flood = Promise.all(Array.from({ length: FORGED }, () => forged(url)));
  await wait(100);
  for (let round = 1; round <= 10; round += 1) {
    const start = performance.now();
    assert.equal((await genuine(url, `evt_${round}`)).status, 204);
    const waited = performance.now() - start;
    assert.ok(waited < 1000, `a genuine delivery waited ${waited} ms`);
  }
  for (const { status } of await flood) assert.equal(status, 400);

  const told = [];
  while (told.length < FORGED + 11) told.push(JSON.parse(await line()));
  const refused = told.filter(({ valid }) => !valid);
  assert.equal(refused.length, FORGED, "a line for each delivery");
  for (const { verdict } of refused) assert.equal(verdict, "signature_mismatch");
  const diagnosed = refused.filter(({ cause }) => cause !== undefined);
  assert.ok(diagnosed.length >= 1 && diagnosed.length <= 12, `${diagnosed.length} were diagnosed`);
  for (const { cause, message } of refused) if (cause === undefined) assert.match(message, /^Not diagnosed/);
  assert.equal(errors(), "");
  child.kill("SIGINT");
  await once(child, "exit");
});

test("cli: listen uses the time of arrival, however late it diagnoses", { timeout: 120_000 }, async (t) => {
  const { url, line } = await listen(t, ["--json", "--max-age-seconds", "2"]);
  const timestamp = Math.floor(Date.now() / 1000) - 60;
  const event = makeEvent({ type: "deal.won" });
  await Promise.all([
    ...Array.from({ length: 4 }, () => forged(url)),
    fetch(signedRequest({ secret: SECRET, event, url, timestamp })),
  ]);
  const told = [];
  while (told.length < 5) told.push(JSON.parse(await line()));
  const [{ cause, details }] = told.filter(({ verdict }) => verdict === "stale_signature");
  assert.equal(cause, "clock_skew");
  assert.ok(details.ageSeconds >= 60 && details.ageSeconds <= 61, `${details.ageSeconds}`);
});

test("cli: listen words refusals that it does not diagnose itself", { timeout: 60_000 }, async (t) => {
  const { url, line } = await listen(t);
  const signed = (body) => fetch(signedRequest({ secret: SECRET, body, url }));
  assert.equal(
    (await signed('{"id":"evt_1","type":"a","customer_id":"c","timestamp":1,"api_version":"v1","data":{}}')).status,
    204,
  );
  await line();
  assert.equal((await fetch(url, { method: "POST", body: "x".repeat(1_100_000) })).status, 413);
  assert.match(await line(), /✗ body_too_large/);
  const words = await line();
  assert.match(words, /over 1048576 bytes/);
  assert.doesNotMatch(words, /maxBodyBytes/);
});

test("cli: listen mentions white space around the secret only once", { timeout: 60_000 }, async (t) => {
  const { url, line, errors } = await listen(t, ["--json"], { ...environment, DEALIX_WEBHOOK_SECRET: ` ${SECRET}` });
  for (let round = 0; round < 2; round += 1) {
    assert.equal((await genuine(url, "evt_1")).status, 400);
    assert.equal(JSON.parse(await line()).cause, "secret_wrapped");
  }
  assert.equal(errors().match(/white space/g)?.length, 1, errors());
});
