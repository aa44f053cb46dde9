import process from "node:process";

/** CPU time of this process in ms: what others do on the machine meanwhile does not count. */
export function cpuClock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
