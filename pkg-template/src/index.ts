// Every runtime but workerd and edge-light: the module's bytes are inlined.
import bytes from "./generated/receiver.wasm";
import { startReceiver } from "./verifier.js";
import { fromBase64 } from "./wasm.js";

startReceiver(() => fromBase64(bytes));

export * from "./api.js";
