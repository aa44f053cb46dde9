// A server whose paths receive deliveries in different ways; `GET /cpu` returns the CPU time that it has used, in µs.
import { createServer } from "node:http";
import process from "node:process";
import { NODE, WEB } from "./receivers.mjs";

const PATHS = {
  ...NODE,
  ...Object.fromEntries(Object.entries(WEB).map(([way, receive]) => [way, onRequest(receive)])),
  cpu: (_, response) => {
    const { user, system } = process.cpuUsage();
    response.end(String(user + system));
  },
};

const server = createServer((request, response) => PATHS[request.url.slice(1)](request, response));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

/** Makes a web `Request` of the body, as frameworks do on Node. */
function onRequest(receive) {
  return async (request, response) => {
    const { method, headers } = request;
    const body = new ReadableStream({
      async start(controller) {
        for await (const chunk of request) controller.enqueue(chunk);
        controller.close();
      },
    });
    const { status } = await receive(new Request("http://localhost/", { method, headers, body, duplex: "half" }));
    response.writeHead(status).end();
  };
}
