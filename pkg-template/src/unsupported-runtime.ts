import { WebhookConfigurationError } from "./errors.js";

/** What tells runtimes apart; each may lack any of it. */
interface Globals {
  readonly WebAssembly?: unknown;
  readonly TextEncoder?: unknown;
  readonly TextDecoder?: unknown;
  readonly HermesInternal?: unknown;
  readonly navigator?: { readonly userAgent?: string; readonly product?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** The error for a runtime that the package cannot start in. What it was that failed, and the globals, say which cure fits. */
export function unsupportedRuntime(error: unknown): WebhookConfigurationError {
  return new WebhookConfigurationError("unsupported_runtime", ...words(error, globalThis as Globals));
}

function words(error: unknown, globals: Globals): readonly [seen: string, advice: string] {
  if (globals.WebAssembly === undefined) return ["This runtime has no WebAssembly.", withoutWebAssembly(globals)];
  if (globals.TextEncoder === undefined) return ["This runtime has no TextEncoder.", withoutCodec(globals)];
  if (globals.TextDecoder === undefined) return ["This runtime has no TextDecoder.", withoutCodec(globals)];
  return [`This runtime refused to start the WebAssembly of @dealix/webhooks (${error}).`, afterRefusal(String(error))];
}

function withoutWebAssembly({ HermesInternal, navigator, process }: Globals): string {
  if (HermesInternal !== undefined || navigator?.product === "ReactNative") {
    return "React Native has none. Verify on your server: an app must not hold the secret.";
  }
  if (process?.versions?.node !== undefined) return "Start Node without --jitless (see NODE_OPTIONS, too).";
  return "Verify on a server, or in a runtime that has it.";
}

function withoutCodec({ navigator }: Globals): string {
  if (/jsdom/i.test(navigator?.userAgent ?? "")) return 'In Jest, test with `testEnvironment: "node"` instead of jsdom.';
  return "Define it before this package is used: Node has both in `node:util`.";
}

function afterRefusal(error: string): string {
  if (/memory/i.test(error)) {
    return "The process may not have the address space: start Node with --disable-wasm-trap-handler, or raise the limit (`ulimit -v`).";
  }
  if (/embedder/i.test(error)) return "A Worker may not compile: let its bundler use the `workerd` or `edge-light` condition.";
  if (/CSP|Content.?Security.?Policy|unsafe-eval/i.test(error)) return "Allow 'wasm-unsafe-eval' in the page's Content-Security-Policy.";
  return (
    "In a page, allow 'wasm-unsafe-eval' in its Content-Security-Policy; in a Worker, let the bundler use the " +
    "`workerd` or `edge-light` condition."
  );
}
