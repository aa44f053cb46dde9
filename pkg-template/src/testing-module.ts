import * as glue from "./generated/testing_bg.js";
import { instantiate, type WasmSource } from "./wasm.js";

interface Exports extends WebAssembly.Exports {
  __wbindgen_start(): void;
}

let instance: () => Exports;
let isBound = false;

/** Starts the wasm module; each of the package's entries calls it once, with the source that fits. */
export function startTesting(source: () => WasmSource): void {
  instance = instantiate<Exports>(source, { "./testing_bg.js": glue as unknown as WebAssembly.ModuleImports });
}

/** The module's functions, as wasm-bindgen's glue offers them; throws where it could not be started. */
export function testing(): typeof glue {
  const exports = instance();
  if (!isBound) {
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start();
    isBound = true;
  }
  return glue;
}
