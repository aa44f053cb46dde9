// workerd and edge-light may not compile bytes: their bundlers hand over the compiled module.
import module from "./testing.wasm?module";
import { startTesting } from "./wasm/testing.js";

startTesting(() => module);

export * from "./testing/api.js";
