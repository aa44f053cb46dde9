import { WebhookConfigurationError } from "./errors.js";

/** A module's bytes, or the module itself where a runtime compiles it ahead of time. */
export type WasmSource = Uint8Array<ArrayBuffer> | WebAssembly.Module;

/**
 * Instantiates a module and returns a function that fails where that failed. A page or a Worker may
 * forbid compilation, and this must not break the import of a bundle that never verifies anything.
 */
export function instantiate<Exports>(source: () => WasmSource, imports?: WebAssembly.Imports): () => Exports {
  let exports: Exports | undefined;
  let failure: unknown;
  try {
    const code = source();
    // A bundler's module may be of another realm, so `instanceof WebAssembly.Module` would not know it.
    const module = ArrayBuffer.isView(code) ? new WebAssembly.Module(code as Uint8Array<ArrayBuffer>) : code;
    exports = new WebAssembly.Instance(module, imports).exports as Exports;
  } catch (error) {
    failure = error;
  }
  return () => {
    if (exports) return exports;
    throw new WebhookConfigurationError(
      "unsupported_runtime",
      `This runtime refused to start the WebAssembly of @dealix/webhooks (${failure}).`,
      "In a page, allow 'wasm-unsafe-eval' in its Content-Security-Policy; in a Worker, let the bundler use the " +
        "`workerd` or `edge-light` condition.",
    );
  };
}

/**
 * The bytes of a module that is inlined, so that no bundler or path can lose it: `build.mjs` writes them as text. Not
 * in base64, whose digits do not end where bytes do: a gzipped bundle would hold a third more.
 */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const digit = (at: number) => {
    const code = text.charCodeAt(at);
    return code - (code > 92 ? 36 : 35);
  };
  // The commonest bytes are one digit each; their list comes first, as the gaps between them.
  const singles = new Uint8Array(88);
  let at = 0;
  for (let byte = -1; at < singles.length; at += 1) singles[at] = byte += digit(at) + 1;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (; at < text.length; at += 1) {
    const first = digit(at);
    bytes[length++] = singles[first] ?? (first - 88) * 91 + digit((at += 1));
  }
  return bytes.subarray(0, length);
}
