// What Linux says about the memory of a process.
import { readdirSync, readFileSync } from "node:fs";

export function residentBytes(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(kilobytes) * 1024;
}

/** The processes with this name that a process has started. */
export function childrenOf(parent, name) {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const status = statusOf(pid);
      return status.includes(`\nPPid:\t${parent}\n`) && status.startsWith(`Name:\t${name}\n`);
    });
}

/** Empty for a process that has just ended. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
