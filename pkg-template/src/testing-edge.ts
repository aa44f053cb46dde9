// workerd and edge-light do not allow compiling bytes: their bundlers provide the compiled module, each in its own way.
import module from "#testing-module";
import { startTesting } from "./wasm/testing.js";

startTesting(() => module);

export * from "./testing/api.js";
