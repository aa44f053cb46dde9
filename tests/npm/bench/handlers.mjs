// What a receiver on Node costs under load: the server's CPU time for a request, by each way to verify it. The ways take
// turns in one process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Webhook as SvixWebhook } from "svix";
import { signPayload } from "@dealix/webhooks";
import { bodyOf } from "./bodies.mjs";
import { quantile } from "./rounds.mjs";

const SECRET = `whsec_${btoa("made for the benchmark only")}`;
const WAYS = ["none", "nodeHandler", "stripe", "svix", "snippet", "fetch-none", "fetchHandler"];
const CONNECTIONS = 8;
/** A few, so that the processor has the same speed for all ways in a round. */
const REQUESTS = 200;
/** Engines go on compiling for some ten thousand requests. */
const WARM_UP = 50;
const body = Buffer.from(bodyOf(300));

/** For each way, the median of µs of CPU time a request, and of what that is above reading and parsing alone. */
export async function handlers([command, ...words], rounds) {
  const env = { ...process.env, BENCH_SECRET: SECRET };
  const server = spawn(command, [...words, join(import.meta.dirname, "handler-server.mjs")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const [port] = await Promise.race([
      once(createInterface({ input: server.stdout }), "line"),
      once(server, "close").then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
    ]);
    const send = (options) => respond({ ...options, host: "127.0.0.1", port, agent });
    const spent = Object.fromEntries(WAYS.map((way) => [way, []]));
    for (let round = -WARM_UP; round < rounds; round += 1) {
      for (let turn = 0; turn < WAYS.length; turn += 1) {
        const way = WAYS[(round + WARM_UP + turn) % WAYS.length];
        const us = await load(way, send);
        if (round >= 0) spent[way].push(us);
      }
    }
    return WAYS.map((way) => {
      const base = spent[way.startsWith("fetch") ? "fetch-none" : "none"];
      const above = spent[way].map((us, round) => us - base[round]);
      return {
        way,
        us: quantile(spent[way], 0.5),
        above: quantile(above, 0.5),
        low: quantile(above, 0.25),
        high: quantile(above, 0.75),
      };
    });
  } finally {
    agent.destroy();
    server.kill();
  }
}

/** The server's CPU time for a request, over a thousand that come on a few connections. */
async function load(way, send) {
  const options = { path: `/${way}`, method: "POST", headers: signed() };
  const before = Number((await send({ path: "/cpu" })).text);
  let left = REQUESTS;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const { status } = await send(options);
      if (status !== 204) throw new Error(`${way} responds ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return (Number((await send({ path: "/cpu" })).text) - before) / REQUESTS;
}

function signed() {
  const now = new Date();
  return {
    "content-type": "application/json",
    "content-length": body.length,
    "dealix-signature": signPayload({ secret: SECRET, body }),
    "svix-id": "evt_1",
    "svix-timestamp": String(Math.floor(now / 1000)),
    "svix-signature": new SvixWebhook(SECRET).sign("evt_1", now, body.toString()),
  };
}

function respond({ headers = {}, method = "GET", ...options }) {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(method === "POST" ? body : undefined);
  });
}
