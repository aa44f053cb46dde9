import { createRequire } from "node:module";

type Manifest = { version: string; repository: { url: string } };

/** The package's own package.json. */
export function manifest(): Manifest {
  return createRequire(import.meta.url)("../package.json") as Manifest;
}
