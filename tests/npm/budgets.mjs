// What the package may weigh and take; `cargo xtask test` fails where one of these is crossed.

/** Bytes of a production bundle, minified and gzipped, its wasm included: each cold start of a Worker loads it. */
export const BUNDLE_BYTES = 10_000;
/** Wasm memory in bytes, whatever the length of a body. */
export const MEMORY_BYTES = 2 * 1024 * 1024;
/** Bytes of the installed package. */
export const UNPACKED_BYTES = 250_000;
/** Packages that an install brings. */
export const PACKAGES = 1;

/** Of speed, which is measured and not tested: see `cargo xtask bench`. */
export const STRIPE_RATIO = 2.5;
export const IMPORT_MS = 5;
