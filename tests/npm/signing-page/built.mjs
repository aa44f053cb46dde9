// The page, built as its user builds it.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildProject } from "../runtimes/project.mjs";

const folder = await buildProject("signing-page", { build: [["npm", "run", "build"]] });
const require = createRequire(join(folder, "package.json"));

/** The one file, and its address without any server. */
export const file = join(folder, "dist/signing-page.html");
export const address = pathToFileURL(file).href;

export const axeSource = require.resolve("axe-core");
export const { WebSocket } = require("ws");
