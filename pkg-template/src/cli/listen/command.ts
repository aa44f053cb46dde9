import { once } from "node:events";
import { Webhook } from "../../index.js";
import { parse, UsageError, wholeNumber } from "../arguments.js";
import { endpoint } from "../endpoint.js";
import { distrust, makeFolder } from "../forward/folder.js";
import { Forwarder } from "../forward/forwarder.js";
import { LOOP } from "../forward/loop.js";
import { namedSecrets, readSecret } from "../input.js";
import { bold, COMMAND, json, line } from "../output.js";
import { receiver } from "./receiver.js";
import { forPrograms, show } from "./report.js";
import { serve, start } from "./server.js";

export const LISTEN = `\
${COMMAND} listen

Receives deliveries on this machine, on any path, and shows the verdict on
each: 204 for a genuine one; 4xx for one that is refused, with the cause and
what to do. It looks for the cause after it has responded, and skips some if
many are refused at once. Ctrl-C ends it.

  --port PORT              4000 by default; 0 takes a free one
  --host HOST              127.0.0.1 by default, which only this machine can
                           reach
  --max-age-seconds N      how old a signature may be; 300 by default
  --other-secret-env NAME  an environment variable with the secret of another
                           endpoint, to recognize it; may be repeated
  --show-data              show the events' data too
  --forward-to URL         pass each delivery on to this receiver, unchanged,
                           and show and return the receiver's status; 502 or
                           504 if it does not respond, so that Dealix retries
  --resign                 sign deliveries again, with the current time,
                           before passing them on; pass on genuine ones only
  --save FOLDER            keep each genuine delivery in a file, to send it
                           again with \`replay\`. The files contain your
                           customers' personal data: delete them after use
  --json                   a line for each delivery: {"valid", "event"} or
                           {"valid", "verdict", "cause", …}, with "forwarded"
                           and "saved"

Dealix cannot reach this machine's own addresses. Put a tunnel in front, and
give Dealix the https address that it prints:

  cloudflared tunnel --url http://localhost:4000
  ngrok http 4000

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} listen \\
    --forward-to http://localhost:3000/webhooks/dealix
`;

export async function listen(words: string[]): Promise<number> {
  const options = parse(words, {
    port: { type: "string", default: "4000" },
    host: { type: "string", default: "127.0.0.1" },
    "max-age-seconds": { type: "string" },
    "other-secret-env": { type: "string", multiple: true },
    "show-data": { type: "boolean", default: false },
    "forward-to": { type: "string" },
    resign: { type: "boolean", default: false },
    save: { type: "string" },
  });
  const otherSecrets = namedSecrets("other-secret-env", options["other-secret-env"] ?? []);
  const maxAgeSeconds = wholeNumber("max-age-seconds", options["max-age-seconds"]);
  const port = wholeNumber("port", options.port, 0) ?? 0;
  if (port > 65_535) throw new UsageError("--port is not between 0 and 65535");
  const target = options["forward-to"] === undefined ? undefined : endpoint("forward-to", options["forward-to"]);
  if (options.resign && target === undefined) throw new UsageError("--resign needs --forward-to URL");
  const folder = savingFolder(options.save);

  const secret = await readSecret();
  const webhook = new Webhook(secret, { maxAgeSeconds });
  const receive = receiver({ secret, webhook, otherSecrets, maxAgeSeconds });
  const forwarder = new Forwarder({ target, resigns: options.resign, folder, webhook });
  const server = serve(receive, forwarder, (outcome, handled, arrived) => {
    if (options.json) json(forPrograms(outcome, handled));
    else show(outcome, handled, arrived, options["show-data"]);
  });
  const url = await start(server, port, options.host);
  if (target !== undefined && isSame(target, url)) {
    server.close();
    throw new UsageError(LOOP);
  }
  if (options.json) json({ url: url.origin });
  else line(`listening on ${bold(url.origin)} on any path; Ctrl-C ends it`);
  await once(server, "close");
  return 0;
}

function savingFolder(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  if (folder === "") throw new UsageError("--save needs the name of a folder");
  try {
    makeFolder(folder);
  } catch (error) {
    throw new UsageError(`--save: the folder cannot be created (${(error as NodeJS.ErrnoException).code})`);
  }
  const reason = distrust(folder);
  if (reason !== null) throw new UsageError(`--save: ${reason}`);
  return folder;
}

/** The usual mistake, said at once. By any other address, the delivery comes back and is recognized then. */
function isSame(target: URL, own: URL): boolean {
  const isLoopback = /^(localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0|\[::\])$/.test(target.hostname);
  return (
    target.port === own.port && target.protocol === own.protocol && (isLoopback || target.hostname === own.hostname)
  );
}
