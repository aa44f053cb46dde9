import { atCaller, describe, WebhookUsageError } from "../../errors.js";
import type { DealixEvent } from "../../events.js";
import type { HeadersRecord } from "../../input/headers.js";
import type { NotInferred, ReceiverOptions } from "../options.js";
import { receiverOf } from "../receive.js";
import { exchangeOf, type Send } from "./exchange.js";
import { errorOf, fail } from "./failure.js";
import type { NodeRequest, NodeResponse } from "./request.js";

/** What `verifyMiddleware` adds to a request. */
export interface VerifiedRequest {
  /** The verified event. */
  event: DealixEvent;
}

/** An Express or Connect middleware. */
export type NodeMiddleware<Request = NodeRequest> = (
  request: Request,
  response: NodeResponse,
  next: (error?: any) => unknown,
) => Promise<void>;

/**
 * A middleware for Express and Connect that puts the verified event into `req.event` and leaves the response to you. It
 * responds to what it refuses as `nodeHandler` does, without going on. Put it before any parser. Anything else that
 * fails goes to `next`.
 *
 * Respond 2xx once the event is handled, and 500 if that fails, so that Dealix tries again.
 *
 * ```js
 * app.post("/webhooks/dealix", verifyMiddleware({ secret: process.env.DEALIX_WEBHOOK_SECRET }), (req, res) => {
 *   console.log(req.event.type);
 *   res.sendStatus(204);
 * });
 * ```
 */
export function verifyMiddleware<Req extends NodeRequest = NodeRequest>(
  options: ReceiverOptions<Req, HeadersRecord> = {},
): NodeMiddleware<NotInferred<Req>> {
  const receive = atCaller(verifyMiddleware, () => receiverOf(options));
  const middleware: NodeMiddleware<Req> = async (request, response, next) => {
    if (typeof next !== "function") return failWithoutNext(request, response, next);
    let isVerified = false;
    try {
      const { exchange } = exchangeOf(request, response);
      const send = await receive<Send>(exchange, (event) => {
        // `_body` keeps Express 4's parsers from reading the stream, which has ended.
        Object.assign(request, { event, _body: true } satisfies VerifiedRequest & { _body: true });
        isVerified = true;
        return () => {};
      });
      send();
    } catch (error) {
      return void next(errorOf(error));
    }
    // Not under `try`: an error of what comes next is not for `next` again.
    if (isVerified) next();
  };
  return middleware as NodeMiddleware<NotInferred<Req>>;
}

/** Not by an error alone: node:http handles no rejection, so that the first request would end the process. */
function failWithoutNext(request: NodeRequest, response: NodeResponse, next: unknown): void {
  const { pair } = exchangeOf(request, response);
  console.error(notAMiddleware(next));
  fail(pair);
}

function notAMiddleware(next: unknown): WebhookUsageError {
  const received = describe(next);
  return new WebhookUsageError(
    "not_a_request",
    `verifyMiddleware got ${received} as its \`next\`.`,
    "Pass it to `app.post(path, verifyMiddleware(…), handler)` in Express or Connect; elsewhere use nodeHandler.",
    { received },
  );
}
