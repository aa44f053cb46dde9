import { WebhookConfigurationError } from "../errors.js";
import { isUniversal, isForEdge } from "./bundle.js";

/** The globals that tell runtimes apart; each may be missing. */
interface Globals {
  readonly WebAssembly?: unknown;
  readonly TextEncoder?: unknown;
  readonly TextDecoder?: unknown;
  readonly HermesInternal?: unknown;
  readonly navigator?: { readonly userAgent?: string; readonly product?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** The error for a runtime that cannot run the package. The advice depends on what failed and which globals exist. */
export function unsupportedRuntime(error: unknown): WebhookConfigurationError {
  return new WebhookConfigurationError("unsupported_runtime", ...words(error, globalThis as Globals));
}

function words(error: unknown, globals: Globals): readonly [seen: string, advice: string] {
  const refused = `This runtime refused to start the WebAssembly of @dealix/webhooks (${error}).`;
  if (isForEdge) return [refused, FOR_A_WORKER];
  const missing = (["WebAssembly", "TextEncoder", "TextDecoder"] as const).find((name) => globals[name] === undefined);
  if (missing === undefined) return [refused, afterRefusal(String(error))];
  return [
    `This runtime has no ${missing}.`,
    missing === "WebAssembly" ? withoutWebAssembly(globals) : withoutCodec(globals),
  ];
}

function withoutWebAssembly({ HermesInternal, navigator, process }: Globals): string {
  if (HermesInternal !== undefined || navigator?.product === "ReactNative") {
    return "React Native has none. Verify on your server: an app must not hold the secret.";
  }
  if (isUniversal && process?.versions?.node !== undefined)
    return "Start Node without --jitless (also in NODE_OPTIONS).";
  return "Verify on a server, or in a runtime that has it.";
}

function withoutCodec({ navigator }: Globals): string {
  if (/jsdom/i.test(navigator?.userAgent ?? ""))
    return 'In Jest, test with `testEnvironment: "node"` instead of jsdom.';
  return "Define it first: `node:util` has both.";
}

function afterRefusal(error: string): string {
  if (isUniversal && /memory/i.test(error)) {
    return "Start Node with --disable-wasm-trap-handler, or allow it more address space (`ulimit -v`).";
  }
  if (/embedder/i.test(error)) return FOR_A_WORKER;
  return /CSP|Content.?Security.?Policy|unsafe-eval/i.test(error) ? FOR_A_PAGE : `${FOR_A_PAGE} ${FOR_A_WORKER}`;
}

const FOR_A_PAGE = "Allow 'wasm-unsafe-eval' in the page's Content-Security-Policy.";
const FOR_A_WORKER = "Make the Worker's bundler use the `workerd` or `edge-light` condition.";
