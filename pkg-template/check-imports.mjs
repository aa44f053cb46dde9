// Fails the build if imports between the rooms of src/ run upwards or in a circle.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * From the top down: a room imports from itself and from those below it, and from errors.ts, events.ts and generated/.
 */
const ROOMS = ["cli", "handlers", "replay", "testing", "webhook", "wasm", "input", "runtime"];
const GROUND = ["errors.ts", "events.ts"];

export function checkImports(source) {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.startsWith("generated/"));
  const imports = new Map(files.map((file) => [file, importsOf(source, file)]));
  const upward = files.flatMap((file) =>
    imports
      .get(file)
      .filter((target) => runsUp(file, target))
      .map((target) => [file, target]),
  );
  const wrong = [...upward, ...circles(imports)].map((path) => path.join(" -> "));
  if (wrong.length > 0) throw new Error(`imports run upwards or in a circle:\n${wrong.join("\n")}`);
}

function importsOf(source, file) {
  const text = readFileSync(join(source, file), "utf8");
  return Array.from(
    text.matchAll(/\bfrom "(\.[^"]+)\.js"/g),
    ([, path]) => `${posix.join(posix.dirname(file), path)}.ts`,
  );
}

function runsUp(file, target) {
  const [from, to] = [file, target].map((path) => ROOMS.indexOf(path.split("/")[0]));
  if (GROUND.includes(target) || target.startsWith("generated/")) return false;
  // A file outside the rooms is a door, which only other doors and the command may import.
  if (to === -1) return from > 0;
  return from > to;
}

function circles(imports) {
  const [found, done] = [[], new Set()];
  const visit = (file, path) => {
    if (path.includes(file)) return found.push([...path.slice(path.indexOf(file)), file]);
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
