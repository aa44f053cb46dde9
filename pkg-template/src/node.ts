export { lambdaHandler, verifyLambda, type LambdaResult } from "./handlers/lambda/handler.js";
export type { LambdaEvent } from "./handlers/lambda/event.js";
export { nodeHandler, type NodeHandler } from "./handlers/node/handler.js";
export type { NodeRequest, NodeResponse, WrappedRequest, WrappedResponse } from "./handlers/node/request.js";
export { rawBody, type RawBodyOptions } from "./handlers/node/raw-body.js";
