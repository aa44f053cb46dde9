// What each way to receive a delivery takes in one thread and without a network, and so without the kernel's noise:
// `node handlers-here.mjs <rounds>`.
import process from "node:process";
import { BODY, signed } from "./delivery.mjs";
import { connect } from "./connection.mjs";
import { cpuClock } from "./cpu-clock.mjs";
import { NODE, WEB } from "./receivers.mjs";
import { inTurn, quantile, quartiles, quietest } from "./rounds.mjs";

/** Requests a turn. Few, so that the processor has the same speed for all ways in a round. */
const REQUESTS = 40;
/** Engines go on compiling for some ten thousand requests. */
const WARM_UP = 200;
const rounds = Number(process.argv[2]);
const bytes = Buffer.from(BODY);

const connection = connect((request, response) => NODE[request.url.slice(1)](request, response));
console.log(JSON.stringify([...(await group(NODE, nodeTurn)), ...(await group(WEB, webTurn))]));
connection.destroy();

async function group(ways, turn) {
  const names = Object.keys(ways);
  const makers = () => names.map((name) => ({ name, run: name }));
  const spent = quietest(await inTurn(makers, { rounds, warmUp: WARM_UP }, turn));
  return names.map((way) => {
    const above = spent[way].map((us, round) => us - spent[names[0]][round]);
    return { way, us: quantile(spent[way], 0.5), above: quartiles(above) };
  });
}

/** Through node:http, which parses the request and writes the response. */
function nodeTurn(way) {
  const lines = Object.entries(headers()).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST /${way} HTTP/1.1\r\n${lines.join("")}\r\n${BODY}`);
  return microseconds(way, async () => Number(String(await connection.exchange(request)).split(" ", 2)[1]));
}

/** With a `Request` whose body is a stream, as frameworks pass it. */
function webTurn(way) {
  const options = { method: "POST", headers: headers(), duplex: "half" };
  return microseconds(way, async () => {
    const { status } = await WEB[way](new Request("http://localhost/", { ...options, body: stream() }));
    return status;
  });
}

async function microseconds(way, send) {
  const start = cpuClock();
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    const status = await send();
    if (status !== 204) throw new Error(`${way} responds ${status}`);
  }
  return ((cpuClock() - start) * 1000) / REQUESTS;
}

/** What comes through a proxy. */
function headers() {
  return {
    host: "receiver.example",
    "user-agent": "Dealix-Webhooks/1",
    "content-type": "application/json",
    "content-length": `${bytes.length}`,
    "dealix-delivery-attempt": "1",
    "x-forwarded-for": "192.0.2.1",
    accept: "*/*",
    ...signed(),
  };
}

function stream() {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
