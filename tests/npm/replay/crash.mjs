// A process that dies in its handler: node crash.mjs CLIENT PORT ID. It says `running` there, and is killed.
import { ReplayGuard } from "@dealix/webhooks/replay";
import { clients } from "./clients.mjs";

const [client, port, id] = process.argv.slice(2);
const { store } = await clients[client](Number(port));
setInterval(() => {}, 1_000);
await new ReplayGuard(store, { leaseSeconds: 3 }).run(id, () => {
  console.log("running");
  return new Promise(() => {});
});
