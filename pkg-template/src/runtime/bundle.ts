/** `build.mjs` sets it: which runtimes a bundle is for. */
declare const BUNDLE: "any" | "edge" | "browser";

/** For Workers and edge runtimes, which have all the globals needed. */
export const isForEdge = BUNDLE === "edge";

/** For Node, its frameworks and everything else. Advice about them is left out of the other bundles, to keep those small. */
export const isUniversal = BUNDLE === "any";
