const TRIES = 1000;

/** The smallest case that still fails, as far as one change at a time leads; `fails` says whether a case does. */
export async function smallest(kase, fails) {
  let tries = 0;
  const isSmaller = async (one) => (tries += 1) <= TRIES && (await fails(one));
  for (let smaller = kase; smaller !== undefined; smaller = await firstOf(simplified(kase), isSmaller)) kase = smaller;
  return kase;
}

async function firstOf(cases, holds) {
  for (const kase of cases) if (await holds(kase)) return kase;
  return undefined;
}

/** The case with one thing simpler, in every way. */
function* simplified(kase) {
  const { secrets, body, header } = kase;
  const simple = { bodyForm: "text", headerForm: "text", maxAge: 300, chunk: 65_536, signedAt: 1_700_000_000 };
  for (const [name, value] of Object.entries(simple)) {
    if (kase[name] !== value) yield { ...kase, [name]: value, ...(name === "signedAt" && movedClock(kase, value)) };
  }
  if (kase.rival !== null) yield { ...kase, rival: null };
  if (kase.now !== kase.signedAt) yield { ...kase, now: kase.signedAt };
  if (secrets.length > 1) {
    for (const half of [secrets.slice(0, secrets.length >> 1), secrets.slice(secrets.length >> 1)])
      yield { ...kase, secrets: half };
    for (const at of secrets.keys()) yield { ...kase, secrets: secrets.toSpliced(at, 1) };
  }
  for (const one of simplifiedBodies(body)) yield { ...kase, body: one };
  if (header !== null) for (const one of simplifiedHeaders(header)) yield { ...kase, header: one };
}

/** The clock as far from the signature as before. */
function movedClock({ now, signedAt }, moved) {
  return { now: moved + (now - signedAt) };
}

function* simplifiedBodies(body) {
  const { lead, unit, count, tail } = body;
  for (let fewer = count; fewer > 0; fewer >>= 1) yield { ...body, count: count - fewer };
  if (unit.length > 1 || unit > "x") yield { ...body, unit: "x" };
  if (tail !== "") yield { ...body, tail: "" };
  if (lead !== "") yield { ...body, lead: "" };
}

function* simplifiedHeaders(header) {
  const { parts, edits, pad, separator } = header;
  if (pad !== null) yield { ...header, pad: null };
  if (separator !== ",") yield { ...header, separator: "," };
  for (const at of edits.keys()) yield { ...header, edits: edits.toSpliced(at, 1) };
  for (const at of parts.keys()) yield { ...header, parts: parts.toSpliced(at, 1) };
  for (const [at, { secret, damage }] of parts.entries()) {
    if (damage) yield { ...header, parts: parts.with(at, { secret }) };
  }
}
