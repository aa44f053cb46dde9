// For every runtime except workerd and edge-light: the module's bytes are text, which both formats share.
import bytes from "./generated/testing.wasm";
import { startTesting } from "./wasm/testing.js";
import { fromText } from "./wasm/inlined/decode.js";

startTesting(() => fromText(bytes));

export * from "./testing/api.js";
