// The demo's receiver: node:http and the installed package. It prints lines of JSON for the demo to show.
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { isKnownEvent, Webhook } from "@dealix/webhooks";

const { CURRENT_SECRET, PREVIOUS_SECRET } = process.env;
const webhook = new Webhook([CURRENT_SECRET, PREVIOUS_SECRET]);

const server = createServer(async (request, response) => {
  const { valid, event, error, secretIndex } = webhook.check(await buffer(request), request.headers);
  response.writeHead(valid ? 204 : 400).end();
  print(
    valid
      ? {
          verdict: "valid",
          secretIndex,
          known: isKnownEvent(event),
          type: event.type,
          id: event.id,
          customer: event.data.customer ?? null,
        }
      : { verdict: error.code, message: error.message },
  );
});
server.listen(0, "127.0.0.1", () => print({ port: server.address().port }));

function print(line) {
  console.log(JSON.stringify(line));
}
