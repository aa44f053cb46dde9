import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILES = ["consumer.mjs", "main.mjs", "worker.mjs", "index.html"];

/** The consumer's files, for a project of its own. */
export const sources = () =>
  Object.fromEntries(FILES.map((name) => [name, readFileSync(join(import.meta.dirname, name), "utf8")]));
