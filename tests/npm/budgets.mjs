// How large and slow the package may be: `cargo xtask test` fails if a limit is exceeded, and `cargo xtask bench` says
// which aims are met. If an aim is not met, its limit is what has been reached so far, so that it does not get worse.

/** Bytes of a production bundle, minified and gzipped, its wasm included: each cold start of a Worker loads it. */
export const BUNDLE_AIMS = {
  Webhook: { workerd: 8300, browser: 9000 },
  verifySignature: { workerd: 6800, browser: 7500 },
};
export const BUNDLE_LIMITS = {
  Webhook: { workerd: 11_700, browser: 12_550 },
  verifySignature: { workerd: 8_550, browser: 9_350 },
  fetchHandler: { workerd: 12_800, browser: 13_700 },
};

/**
 * Bytes of the installed package; over a third of them are the module for tests and tools, and 43,000 describe the event
 * types: JSON Schema, OpenAPI, types and a table. 35,000 are the browser's own entry, which saves each page that loads it 900.
 */
export const UNPACKED_AIM = 500_000;
export const UNPACKED_LIMIT = 725_000;

/** Wasm memory in bytes, however long a body is. */
export const MEMORY_AIM = 400 * 1024;
export const MEMORY_BYTES = 2 * 1024 * 1024;

/** Packages that an install adds. */
export const PACKAGES = 1;

/**
 * Speed, which is measured but not tested. The ratios are other libraries' time divided by ours: Stripe's for a verdict
 * and for the event at 300 bytes, and that of ten lines of node:crypto at every size.
 */
export const STRIPE_VERDICT_RATIO = 3;
export const STRIPE_EVENT_RATIO = 2;
/** From 250 kB on both hash the same bytes with the same call of OpenSSL, and no measurement is exact. */
export const CRYPTO_RATIO = 0.98;
/** `import` and the first verification, divided by standardwebhooks'. */
export const COLD_START_RATIO = 1;
/** µs that `nodeHandler` adds to reading and parsing. It also adds less than Stripe's. */
export const HANDLER_MICROSECONDS = 5;
