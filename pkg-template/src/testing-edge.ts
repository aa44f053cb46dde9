// workerd and edge-light may not compile bytes: their bundlers hand over the compiled module.
import module from "./testing.wasm?module";
import { startTesting } from "./testing-module.js";

startTesting(() => module);

export * from "./testing-api.js";
