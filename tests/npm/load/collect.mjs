// Loaded into a receiver with `--expose-gc`: tells its parent how much memory is in use after garbage is collected. What V8
// and malloc keep beyond that grows in steps for minutes, without a leak.
import process from "node:process";

setInterval(() => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ bytes: heapUsed + external });
}, 5000).unref();
process.channel.unref();
