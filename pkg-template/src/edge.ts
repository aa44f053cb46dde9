// workerd and edge-light do not allow compiling bytes: their bundlers provide the compiled module.
import module from "./receiver.wasm?module";
import { startReceiver } from "./wasm/receiver.js";

startReceiver(() => module);

export * from "./api.js";
