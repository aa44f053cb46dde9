// Every runtime but workerd and edge-light: the module's bytes are inlined.
import bytes from "./generated/testing.wasm";
import { startTesting } from "./testing-module.js";
import { fromBase64 } from "./wasm.js";

startTesting(() => fromBase64(bytes));

export * from "./testing-api.js";
