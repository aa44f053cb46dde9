import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assertSound, dropKeys, eventText, SECRETS, sign, THEIRS } from "./deliveries.mjs";
import { actingAt } from "./hooks.mjs";
import { CALLS, VALUES } from "./hostile-values.mjs";
import { memories } from "./instances.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
/** A value that is read often acts no more often than that in a call. */
const MOST_ACTS = 3;

export function hostile(webhooks) {
  const webhook = new webhooks.Webhook(SECRETS);
  const body = eventText("evt_1");
  const forged = sign(THEIRS, body);
  const genuine = sign(SECRETS[1], body);
  /** Genuine, but too old: if it passes, a hostile value has moved the clock or the window. */
  const options = { secret: SECRETS[0], signatureHeader: sign(SECRETS[0], body, 1_700_000_000), body };
  const target = { ...webhooks, webhook, body, options };
  const fail = () => {
    throw new RangeError("hostile");
  };
  const acts = {
    throws: fail,
    "verifies a forgery": () => webhook.check(body, forged),
    "verifies what is genuine": () => webhook.check(body, genuine),
    "drops the keys": () => dropKeys(webhooks),
  };

  /** Calls something with a hostile value, and fails if that passes for genuine. Returns how often it was read. */
  function attack(call, value, act) {
    let reads = 0;
    const read = () => (reads += 1) <= MOST_ACTS && act();
    try {
      assert.notEqual(CALLS[call](target, VALUES[value](read, forged))?.valid, true, `${call} with ${value}`);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    return reads;
  }

  /** Breaks off a verification at the call of that number among those that it makes. */
  function breakOff(number) {
    try {
      actingAt(number, fail, () => webhook.check(body, forged));
    } catch (error) {
      assert.equal(error.message, "hostile");
    }
  }

  return {
    "values that throw or verify when read help no forgery": () => {
      for (const value of Object.keys(VALUES)) {
        for (const [what, act] of Object.entries(acts)) {
          let reads = 0;
          for (const call of Object.keys(CALLS)) {
            reads += attack(call, value, act);
            assertSound(webhook, `${call} with ${value} that ${what}`);
          }
          assert.ok(reads > 0, `nothing read ${value}`);
        }
      }
    },

    "after 10,000 hostile calls the memory is where it was": async () => {
      const calls = Object.keys(CALLS);
      const values = Object.keys(VALUES);
      const attacks = async (from, end) => {
        for (let n = from; n < end; n += 1) {
          if (n % 2 === 0) breakOff((n / 2) % 6);
          else attack(calls[n % calls.length], values[n % values.length], fail);
          // Within one turn of the event loop, memory that was reachable is kept.
          if (n % 50 === 0) await wait(0);
        }
        assertSound(webhook, `${end} hostile calls`);
      };
      await attacks(0, 200);
      const before = await measured();
      await attacks(200, 10_200);
      const after = await measured();
      assert.deepEqual(after.modules, before.modules, "the bytes of each module's memory");
      const grown = (after.heap - before.heap) / 1e6;
      assert.ok(grown < 5, `the heap has grown by ${grown} MB`);
    },
  };
}

async function measured() {
  await wait(10);
  collect();
  const modules = memories().map(({ buffer }) => buffer.byteLength);
  return { modules: modules.sort(), heap: process.memoryUsage().heapUsed };
}
