import * as glue from "./generated/testing_bg.js";
import { instantiate, type Instance, type WasmSource } from "./wasm.js";

let instance: () => Instance<typeof glue>;

/** Starts the wasm module; each of the package's entries calls it once, with the source that fits. */
export function startTesting(source: () => WasmSource): void {
  instance = instantiate("testing", glue, source);
}

/** The module; throws where it could not be started. */
export function testing(): Instance<typeof glue> {
  return instance();
}
