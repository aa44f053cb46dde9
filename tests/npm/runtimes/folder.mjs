import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs a function with a temporary folder, which is removed afterwards. */
export async function withFolder(run) {
  const folder = await mkdtemp(join(tmpdir(), "dealix-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
