export { lambdaHandler, verifyLambda, type LambdaResult } from "./lambda.js";
export type { LambdaEvent } from "./lambda-event.js";
export { nodeHandler, type NodeHandler } from "./node-handler.js";
export type { NodeRequest, NodeResponse, WrappedRequest, WrappedResponse } from "./node-request.js";
export { rawBody, type RawBodyOptions } from "./raw-body.js";
