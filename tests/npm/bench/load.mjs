// What a receiver on Node costs under load: the server's CPU time for a request, by each way to receive it. The ways
// take turns in one process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BODY, signed } from "./delivery.mjs";
import { NODE, WEB } from "./receivers.mjs";
import { inTurn, quantile, quietest } from "./rounds.mjs";

const CONNECTIONS = 8;
/** A few, so that the processor has the same speed for all ways in a round. */
const REQUESTS = 200;
/** Engines go on compiling for some ten thousand requests, to all ways together. */
const WARM_UP = 15;

/** For each way, the median of µs of CPU time a request. */
export async function load([command, ...words], rounds) {
  const server = spawn(command, [...words, join(import.meta.dirname, "load-server.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const [port] = await Promise.race([
      once(createInterface({ input: server.stdout }), "line"),
      once(server, "close").then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
    ]);
    const send = (options) => respond({ ...options, host: "127.0.0.1", port, agent });
    const makers = () => Object.keys({ ...NODE, ...WEB }).map((name) => ({ name, run: name }));
    const spent = quietest(await inTurn(makers, { rounds, warmUp: WARM_UP }, (way) => turn(way, send)));
    return Object.entries(spent).map(([way, us]) => ({ way, us: quantile(us, 0.5) }));
  } finally {
    agent.destroy();
    server.kill();
  }
}

/** The server's CPU time for a request, over some that come on a few connections. */
async function turn(way, send) {
  const headers = { "content-type": "application/json", "content-length": BODY.length, ...signed() };
  const options = { path: `/${way}`, method: "POST", headers };
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

function respond({ headers = {}, method = "GET", ...options }) {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(method === "POST" ? BODY : undefined);
  });
}
