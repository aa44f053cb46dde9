import { areEqual, decodeStrictly } from "../core/bytes.js";
import { byteDifference, difference, positions } from "../core/difference.js";
import { originOf } from "../core/undo/secret.js";
import type { Delivery } from "../core/verdict.js";
import { words } from "../state/page.js";
import { ageSentence } from "./age-sentence.js";
import { Sides } from "./difference-sides.js";

/** Each part of the delivery that differs from what was signed. */
export function Comparison({ received, restored }: { received: Delivery; restored: Delivery }) {
  const [right] = restored.secrets;
  const isSecretChanged = restored.secrets.length === 1 && right !== undefined && !received.secrets.includes(right);
  return (
    <>
      {!areEqual(received.body, restored.body) && <BodyDifference signed={restored.body} received={received.body} />}
      {received.signature !== restored.signature && (
        <HeaderDifference signed={restored.signature} received={received.signature} />
      )}
      {received.now !== restored.now && <ClockDifference seconds={received.now - restored.now} />}
      {isSecretChanged && <SecretPositions given={originOf(received.secrets, right)} right={right} />}
    </>
  );
}

function ClockDifference({ seconds }: { seconds: number }) {
  return (
    <section class="card">
      <h2>{words.value.clock.label}</h2>
      <p>{ageSentence(seconds)}</p>
    </section>
  );
}

/** Both as text if both are, otherwise both in hex. */
function BodyDifference({ signed, received }: { signed: Uint8Array; received: Uint8Array }) {
  const { explain } = words.value;
  const [left, right] = [decodeStrictly(signed), decodeStrictly(received)];
  const areTexts = left !== null && right !== null;
  return (
    <section class="card difference">
      <h2>{explain.compare}</h2>
      {!areTexts && <p class="hint">{explain.hex}</p>}
      <Sides pieces={areTexts ? difference(left, right) : byteDifference(signed, received)} isHex={!areTexts} />
    </section>
  );
}

function HeaderDifference({ signed, received }: { signed: string; received: string }) {
  return (
    <section class="card difference">
      <h2>{words.value.explain.headerCompare}</h2>
      <Sides pieces={difference(signed, received)} />
    </section>
  );
}

/** Where the secret differs. Its characters are dots: no part of it is shown. `given` is null if it is one of several. */
function SecretPositions({ given, right }: { given: string | null; right: string }) {
  const { explain, secret } = words.value;
  const { length, extra, missing } = given === null ? UNTOLD : positions(given, right);
  const places = extra.map((index) => index + 1).join(", ");
  const sentence = missing > 0 ? explain.secretMissing(missing) : explain.secretChanged;
  return (
    <section class="card">
      <h2>{secret.label}</h2>
      {length > 0 && <Dots length={Math.min(length, 128)} extra={extra} />}
      <p>{extra.length > 0 && extra.length < 40 ? explain.secretPositions(extra.length, places) : sentence}</p>
    </section>
  );
}

const UNTOLD: ReturnType<typeof positions> = { length: 0, extra: [], missing: 0 };

function Dots({ length, extra }: { length: number; extra: readonly number[] }) {
  return (
    <p class="message dots" dir="ltr" aria-hidden="true">
      <code>
        {Array.from({ length }, (_, index) =>
          extra.includes(index) ? <del key={index}>•</del> : <span key={index}>•</span>,
        )}
      </code>
    </p>
  );
}
