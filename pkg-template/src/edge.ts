// workerd and edge-light do not allow compiling bytes: their bundlers provide the compiled module, each in its own way.
import module from "#receiver-module";
import { startReceiver } from "./wasm/receiver.js";

startReceiver(() => module);

export * from "./api.js";
