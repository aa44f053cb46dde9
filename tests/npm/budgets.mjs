// How large and slow the package may be: `cargo xtask test` fails if a limit is exceeded, and `cargo xtask bench` says
// which aims are met. If an aim is not met, its limit is what has been reached so far, so that it does not get worse.

/** Bytes of a production bundle, minified and gzipped, its wasm included: each cold start of a Worker loads it. */
export const BUNDLE_AIM = 10_000;
export const BUNDLE_LIMITS = {
  Webhook: { workerd: 11_850, browser: 12_750 },
  verifySignature: { workerd: 8_700, browser: 9_550 },
  fetchHandler: { workerd: 12_950, browser: 13_900 },
};

/**
 * Bytes of the installed package; over a third of them are the module for tests and tools, and 43,000 describe the event
 * types: JSON Schema, OpenAPI, types and a table. 35,000 are the browser's own entry, which saves each page that loads it 900.
 */
export const UNPACKED_AIM = 250_000;
export const UNPACKED_LIMIT = 725_000;

/** Wasm memory in bytes stays below this, however long a body is. */
export const MEMORY_BYTES = 2 * 1024 * 1024;

/** Packages that an install adds. */
export const PACKAGES = 1;

/** Speed, which is measured but not tested. */
export const STRIPE_RATIO = 2.5;
export const IMPORT_MS = 5;
