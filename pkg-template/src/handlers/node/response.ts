import { describe } from "../../errors.js";
import { notARequest, type NodeResponse, type WrappedResponse } from "./request.js";

/** Whether this is Fastify's reply. */
export function isReply(response: NodeResponse | WrappedResponse): response is WrappedResponse {
  return typeof (response as WrappedResponse).hijack === "function";
}

/** Finds Node's own response in what was passed. */
export function nodeResponse(response: NodeResponse | WrappedResponse): NodeResponse {
  const inner = typeof response === "object" && response !== null && isReply(response) ? response.raw : response;
  if (typeof (inner as NodeResponse | null)?.setHeader === "function") return inner as NodeResponse;
  throw notARequest(`a request, and as its response ${describe(response)}`);
}
