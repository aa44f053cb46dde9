// workerd and edge-light may not compile bytes: their bundlers hand over the compiled module.
import module from "./receiver.wasm?module";
import { startReceiver } from "./wasm/receiver.js";

startReceiver(() => module);

export * from "./api.js";
