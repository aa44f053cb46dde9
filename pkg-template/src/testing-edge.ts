// workerd and edge-light do not allow compiling bytes: their bundlers provide the compiled module.
import module from "./testing.wasm?module";
import { startTesting } from "./wasm/testing.js";

startTesting(() => module);

export * from "./testing/api.js";
