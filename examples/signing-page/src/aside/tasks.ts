import { explained } from "./explained.js";
import type { Pasted } from "../pasted/given.js";
import { readPasted } from "../pasted/read.js";
import { match } from "../core/verdict.js";

/** What may take longer than a person should have to wait for the page. */
export const TASKS = { match, explain: explained, read: readGiven };

async function readGiven(given: string | Blob): Promise<Pasted> {
  return readPasted(typeof given === "string" ? given : await given.text());
}

export type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
export type Given<Name extends TaskName> = Parameters<Tasks[Name]>[0];
export type Result<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

export async function runTask<Name extends TaskName>(name: Name, given: Given<Name>): Promise<Result<Name>> {
  const task = TASKS[name] as (given: Given<Name>) => Result<Name> | Promise<Result<Name>>;
  return task(given);
}
