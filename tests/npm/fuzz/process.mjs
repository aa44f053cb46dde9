// Cases in a process: what to run comes as an argument, the result goes to standard output.
import process from "node:process";
import { runCases } from "./run.mjs";

const { copy, ...options } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await runCases(await import(copy), options)));
