// Compile-time tests with Node's own types.
import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { signPayload, verifySignature, Webhook, type DealixEvent } from "@dealix/webhooks";
import { lambdaHandler, nodeHandler, rawBody, verifyLambda } from "@dealix/webhooks/node";

const webhook = new Webhook([process.env["CURRENT_SECRET"], process.env["PREVIOUS_SECRET"]]);

export function receive(request: IncomingMessage, rawBody: Buffer): DealixEvent {
  webhook.check(rawBody.toString(), request.headers["dealix-signature"]);
  webhook.check(rawBody, request.headersDistinct);
  verifySignature({ secret: process.env["SECRET"], signatureHeader: request.headers, body: Buffer.concat([rawBody]) });
  signPayload({ secret: process.env["SECRET"], body: rawBody });
  return webhook.verify(rawBody, request.headers);
}

export async function receiveFetch(request: Request): Promise<string> {
  const { error } = webhook.check(await request.arrayBuffer(), request.headers);
  return error?.code ?? "valid";
}

const onEvent = (event: DealixEvent) => event.id;

/** As `@types/express` has them. */
interface ExpressRequest extends IncomingMessage {
  body: any;
  params: Record<string, string>;
  get(name: string): string | undefined;
}
interface ExpressResponse extends ServerResponse {
  status(code: number): this;
  locals: Record<string, any>;
}
interface ExpressNext {
  (error?: any): void;
  (deferToNext: "router"): void;
}
type ExpressHandler = (request: ExpressRequest, response: ExpressResponse, next: ExpressNext) => void | Promise<void>;
/** As `next` has them. */
type NextApiRequest = IncomingMessage & {
  query: Partial<Record<string, string | string[]>>;
  body: any;
  draftMode?: boolean;
};
type NextApiResponse<Data = any> = ServerResponse & {
  status(code: number): NextApiResponse<Data>;
  json(body: Data): void;
};
type NextApiHandler = (request: NextApiRequest, response: NextApiResponse) => unknown | Promise<unknown>;
/** As Fastify and Koa have them. */
interface FastifyRequest {
  raw: IncomingMessage;
  body: unknown;
  headers: IncomingHttpHeaders;
  method: string;
}
interface FastifyReply {
  raw: ServerResponse;
  hijack(): FastifyReply;
  send(payload?: unknown): FastifyReply;
}
type FastifyHook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;
interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  request: { req: IncomingMessage; body?: unknown; rawBody?: string };
  respond?: boolean;
}

export async function handlers(koa: KoaContext, fastify: FastifyRequest, request: IncomingMessage): Promise<void> {
  const handler = nodeHandler({ secret: process.env["SECRET"], onEvent, maxBodyBytes: 5 });
  createServer(handler);
  handler satisfies RequestListener;
  handler satisfies ExpressHandler;
  handler satisfies NextApiHandler;
  handler satisfies FastifyHook;
  await handler(koa.req, koa.res);
  await handler(koa, koa.res);
  // @ts-expect-error: a response is missing
  await handler(request);
  // @ts-expect-error: Fastify's path is not an option
  nodeHandler({ secret: "s", onEvent, path: "/" });

  webhook.verify(await rawBody(request, { maxBodyBytes: 5 }), request.headers);
  for (const one of [fastify, koa, koa.request]) await rawBody(one);
  // @ts-expect-error: a body is not a request
  await rawBody("{}");
}

/** As `@types/aws-lambda` has them. */
interface ProxyEvent {
  body: string | null;
  headers: { [name: string]: string | undefined };
  multiValueHeaders: { [name: string]: string[] | undefined };
  httpMethod: string;
  isBase64Encoded: boolean;
  path: string;
  requestContext: { accountId: string; httpMethod: string };
}
interface ProxyEventV2 {
  version: string;
  headers: { [name: string]: string | undefined };
  requestContext: { http: { method: string; path: string } };
  body?: string;
  isBase64Encoded: boolean;
}
interface LoadBalancerEvent {
  requestContext: { elb: { targetGroupArn: string } };
  httpMethod: string;
  headers?: { [name: string]: string | undefined } | undefined;
  multiValueHeaders?: { [name: string]: string[] | undefined } | undefined;
  body: string | null;
  isBase64Encoded: boolean;
}
type LambdaHandler<Event, Result> = (
  event: Event,
  context: object,
  callback: (error?: Error) => void,
) => void | Promise<Result>;
interface ProxyResult {
  statusCode: number;
  headers?: { [header: string]: boolean | number | string } | undefined;
  multiValueHeaders?: { [header: string]: (boolean | number | string)[] } | undefined;
  body: string;
  isBase64Encoded?: boolean | undefined;
}

export function lambdas(event: ProxyEvent | ProxyEventV2 | LoadBalancerEvent): void {
  const handler = lambdaHandler({ secret: process.env["SECRET"], onEvent });
  handler satisfies LambdaHandler<ProxyEvent, ProxyResult>;
  handler satisfies LambdaHandler<ProxyEventV2, ProxyResult>;
  handler satisfies LambdaHandler<LoadBalancerEvent, ProxyResult>;
  verifyLambda(webhook, event).id satisfies string;
  // @ts-expect-error: a parsed body
  verifyLambda(webhook, { httpMethod: "POST", headers: {}, body: { id: "evt_1" } });
}
