// The aims of budgets.mjs: what was measured for each, and whether it is met.
import {
  BUNDLE_AIMS,
  COLD_START_RATIO,
  CRYPTO_RATIO,
  HANDLER_MICROSECONDS,
  MEMORY_AIM,
  STRIPE_EVENT_RATIO,
  STRIPE_VERDICT_RATIO,
  UNPACKED_AIM,
} from "../budgets.mjs";

export function aims(results) {
  return [
    ...Object.entries(results.coldStart).flatMap(([runtime, starts]) => [
      ...besideStripe(runtime, results.speed[runtime]),
      besideCrypto(runtime, results.speed[runtime]),
      coldStart(runtime, starts),
      ...handler(runtime, results.handlers[runtime]),
    ]),
    ...bundles(results.bundles),
    installed(results.installed),
    memory(results.memory),
  ];
}

function besideStripe(runtime, rows) {
  const least = { verdict: STRIPE_VERDICT_RATIO, event: STRIPE_EVENT_RATIO };
  return genuine(rows, "stripe")
    .filter(({ size }) => size === 300)
    .map(({ group, kind, ratio }) => ({
      isMet: ratio >= least[group],
      text: `${runtime}: stripe takes ${ratio.toFixed(3)} times as long at 300 bytes (${group}, ${kind}); ${least[group]} at least`,
    }));
}

/** The parser is the same in both, so the verdict alone is compared. */
function besideCrypto(runtime, rows) {
  const { size, kind, ratio, low, high } = genuine(rows, "node:crypto")
    .filter(({ group }) => group === "verdict")
    .reduce((worst, row) => (row.ratio < worst.ratio ? row : worst));
  const where = `where it does best, at ${size} bytes (${kind})`;
  return {
    isMet: ratio >= CRYPTO_RATIO,
    text: `${runtime}: node:crypto takes ${ratio.toFixed(3)} times as long (${low.toFixed(3)}-${high.toFixed(3)}) ${where}; ${CRYPTO_RATIO} at least`,
  };
}

function coldStart(runtime, starts) {
  const { beside, cpuBeside } = starts.find(({ name, way }) => name === "@dealix/webhooks" && way === "import");
  const { median, low, high } = beside;
  return {
    isMet: median <= COLD_START_RATIO,
    text: `${runtime}: import and first verification take ${median.toFixed(2)} times (${low.toFixed(2)}-${high.toFixed(2)}) standardwebhooks', in CPU time ${cpuBeside.median.toFixed(2)}; ${COLD_START_RATIO} at most`,
  };
}

function handler(runtime, rows) {
  const [ours, stripe] = ["nodeHandler", "stripe"].map((name) => rows.find(({ way }) => way === name).above.median);
  return [
    {
      isMet: ours <= HANDLER_MICROSECONDS,
      text: `${runtime}: nodeHandler adds ${ours.toFixed(1)} µs to reading and parsing; ${HANDLER_MICROSECONDS} at most`,
    },
    {
      isMet: ours < stripe,
      text: `${runtime}: nodeHandler adds ${ours.toFixed(1)} µs; less than stripe, which adds ${stripe.toFixed(1)}`,
    },
  ];
}

function bundles(found) {
  return Object.entries(BUNDLE_AIMS).flatMap(([name, most]) =>
    Object.entries(most).map(([target, aim]) => {
      const bytes = found[`@dealix/webhooks ${name}`][target];
      return { isMet: bytes <= aim, text: `${name}: a bundle of ${bytes} bytes for ${target}; ${aim} at most` };
    }),
  );
}

function installed(found) {
  const { bytes } = found["@dealix/webhooks"];
  return { isMet: bytes <= UNPACKED_AIM, text: `${bytes} bytes installed; ${UNPACKED_AIM} at most` };
}

function memory(found) {
  const bytes = Math.max(...Object.values(found));
  return { isMet: bytes <= MEMORY_AIM, text: `wasm memory of ${bytes} bytes after 100 MB; ${MEMORY_AIM} at most` };
}

function genuine(rows, peer) {
  return rows.filter((row) => row.case === "genuine" && row.name === peer);
}
