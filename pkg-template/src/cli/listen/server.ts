import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import type { NodeRequest, RequestStream } from "../../handlers/node/request.js";
import { respond } from "../../handlers/node/respond.js";
import { UsageError } from "../arguments.js";
import type { Forwarder, Handled } from "../forward/forwarder.js";
import { hasComeBack } from "../forward/loop.js";
import { warn } from "../output.js";
import type { Outcome } from "./outcome.js";
import type { Receive, Received } from "./receiver.js";

export type Report = (outcome: Outcome, handled: Handled, arrived: Date) => void;

export function serve(receive: Receive, forwarder: Forwarder, report: Report): Server {
  return createServer(async (request, response) => {
    const arrived = new Date();
    if (hasComeBack(request.rawHeaders)) return answer(request, response, { status: 508 }, {});
    try {
      const received = await receive(request);
      const { body, isGenuine } = received;
      const { rawHeaders } = request;
      const handled = body ? await forwarder.handle({ rawHeaders, body, isGenuine, at: arrived }) : {};
      answer(request, response, received, handled);
      const outcome = await received.outcome();
      if (outcome !== null) report(outcome, handled, arrived);
    } catch (error) {
      // The client hung up part-way.
      if (!request.destroyed) warn(`dealix-webhooks: ${(error as Error).message}`);
      response.destroy();
    }
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status }: Pick<Received, "status">,
  { forwarded }: Handled,
): void {
  const headers: Record<string, string> = {};
  if (forwarded === undefined && status === 405) headers["Allow"] = "POST";
  if (forwarded?.retryAfter !== undefined) headers["Retry-After"] = forwarded.retryAfter;
  respond({ request: request as NodeRequest as RequestStream, response }, forwarded?.answered ?? status, headers);
}

/** Starts to listen, and returns the server's URL. */
export async function start(server: Server, port: number, host: string): Promise<URL> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EADDRINUSE" ? "another program is listening there" : code;
    throw new UsageError(`cannot listen on ${isIP(host) ? host : "this --host"}, port ${port}: ${reason}`);
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return new URL(`http://${family === "IPv6" ? `[${address}]` : address}:${bound}`);
}
