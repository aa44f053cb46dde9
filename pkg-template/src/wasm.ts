import { WebhookConfigurationError } from "./errors.js";

/** What wasm-bindgen's glue for a module offers. */
interface Glue {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

/** A module that runs: wasm-bindgen's functions, and the memory that they work on. */
export type Instance<G> = G & { readonly memory: WebAssembly.Memory };

/** A module's bytes, or the module itself where a runtime compiles it ahead of time. */
export type WasmSource = Uint8Array<ArrayBuffer> | WebAssembly.Module;

/**
 * Instantiates a module and returns a function that fails where that failed. A page or a Worker may
 * forbid compilation, and this must not break the import of a bundle that never verifies anything.
 */
export function instantiate<G extends Glue>(name: string, glue: G, source: () => WasmSource): () => Instance<G> {
  let instance: Instance<G> | undefined;
  let failure: unknown;
  try {
    const code = source();
    // A bundler's module may be of another realm, so `instanceof WebAssembly.Module` would not know it.
    const module = ArrayBuffer.isView(code) ? new WebAssembly.Module(code as Uint8Array<ArrayBuffer>) : code;
    const { exports } = new WebAssembly.Instance(module, { [`./${name}_bg.js`]: glue as unknown as WebAssembly.ModuleImports });
    glue.__wbg_set_wasm(exports);
    (exports["__wbindgen_start"] as () => void)();
    instance = { ...glue, memory: exports["memory"] as WebAssembly.Memory };
  } catch (error) {
    failure = error;
  }
  return () => {
    if (instance) return instance;
    throw new WebhookConfigurationError(
      "unsupported_runtime",
      `This runtime refused to start the WebAssembly of @dealix/webhooks (${failure}).`,
      "In a page, allow 'wasm-unsafe-eval' in its Content-Security-Policy; in a Worker, let the bundler use the " +
        "`workerd` or `edge-light` condition.",
    );
  };
}

/** The bytes of a module that is inlined, so that no bundler or path can lose it. */
export function fromBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // `Uint8Array.from` with a function takes milliseconds more, at every import.
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
