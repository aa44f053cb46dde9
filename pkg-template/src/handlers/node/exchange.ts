import type { HeadersRecord } from "../../input/headers.js";
import type { Exchange } from "../receive.js";
import { readRawBody } from "./raw-body.js";
import {
  nodeRequest,
  type NodeRequest,
  type NodeResponse,
  type WrappedRequest,
  type WrappedResponse,
} from "./request.js";
import { respond, type Pair } from "./respond.js";
import { nodeResponse } from "./response.js";

/** Sends the response, once whoever else might respond has been told not to. */
export type Send = () => void;

/** What the handlers need of a Node request and its response. */
export function exchangeOf<Request extends NodeRequest | WrappedRequest>(
  request: Request,
  response: NodeResponse | WrappedResponse,
): { pair: Pair; exchange: Exchange<Request, HeadersRecord, Send> } {
  const pair = { request: nodeRequest(request), response: nodeResponse(response) };
  const { method, headers } = pair.request;
  const exchange: Exchange<Request, HeadersRecord, Send> = {
    request,
    method,
    headers,
    readBody: (limits) => readRawBody(request, pair.request, limits),
    respond: (status, others) => () => respond(pair, status, others),
  };
  return { pair, exchange };
}
