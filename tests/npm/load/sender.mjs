// The sender's part: benches/sender makes the load, since the queue is Rust's.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";

export async function sender(seconds) {
  const words = ["bench", "--quiet", "--locked", "--bench=sender", "--features=cli", "--"];
  const child = spawn("cargo", [...words, "load", `${seconds}`], {
    cwd: process.env.DEALIX_ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed, [code, signal]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`cargo bench --bench=sender -- load ended with ${code ?? signal}`);
  return JSON.parse(printed);
}
