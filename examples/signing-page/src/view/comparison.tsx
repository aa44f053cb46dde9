import { areEqual, decodeStrictly, toHex } from "../core/bytes.js";
import { difference, type Piece, positions } from "../core/difference.js";
import type { Delivery } from "../core/verdict.js";
import { ageSentence } from "./age-sentence.js";
import { words } from "../state/page.js";

/** Each part of the delivery that differs from what was signed. */
export function Comparison({ received, restored }: { received: Delivery; restored: Delivery }) {
  const { explain } = words.value;
  const [right] = restored.secrets;
  const isSecretChanged = restored.secrets.length === 1 && right !== undefined && !received.secrets.includes(right);
  return (
    <>
      {!areEqual(received.body, restored.body) && (
        <Difference title={explain.compare} {...texts(restored.body, received.body)} />
      )}
      {received.signature !== restored.signature && (
        <Difference title={explain.headerCompare} signed={restored.signature} received={received.signature} />
      )}
      {received.now !== restored.now && <ClockDifference seconds={received.now - restored.now} />}
      {isSecretChanged && <SecretPositions given={closest(received.secrets, right)} right={right} />}
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
function texts(signed: Uint8Array, received: Uint8Array): { signed: string; received: string } {
  const [left, right] = [decodeStrictly(signed), decodeStrictly(received)];
  if (left !== null && right !== null) return { signed: left, received: right };
  const hex = (bytes: Uint8Array) => (toHex(bytes.subarray(0, 400)).match(/../g) ?? []).join(" ");
  return { signed: left ?? hex(signed), received: right ?? hex(received) };
}

function closest(secrets: readonly string[], right: string): string {
  return secrets.find((secret) => secret.includes(right) || right.includes(secret)) ?? (secrets[0] as string);
}

function Difference({ title, signed, received }: { title: string; signed: string; received: string }) {
  const { explain } = words.value;
  const pieces = difference(signed, received);
  return (
    <section class="card difference">
      <h2>{title}</h2>
      <Side kind="signed" label={explain.signed} pieces={pieces.filter(({ kind }) => kind !== "received")} />
      <Side kind="received" label={explain.received} pieces={pieces.filter(({ kind }) => kind !== "signed")} />
    </section>
  );
}

interface SideProps {
  kind: "signed" | "received";
  label: string;
  pieces: readonly Piece[];
}

function Side({ kind, label, pieces }: SideProps) {
  return (
    <figure class={`side ${kind}`}>
      <figcaption>{label}</figcaption>
      <p class="message" dir="ltr">
        <code>
          {pieces.map(({ kind, text }, index) => (
            <PieceView key={index} kind={kind} text={text} />
          ))}
        </code>
      </p>
    </figure>
  );
}

function PieceView({ kind, text }: Piece) {
  if (kind === "gap" || kind === "rest") {
    const { gap, rest } = words.value.explain;
    const title = kind === "gap" ? gap(text) : rest;
    return (
      <span class="gap" title={title}>
        <span aria-hidden="true">···</span>
        <span class="unseen">{title}</span>
      </span>
    );
  }
  if (kind === "same") return <bdi>{visible(text)}</bdi>;
  return kind === "signed" ? <ins>{visible(text)}</ins> : <del>{visible(text)}</del>;
}

const SIGNS: Readonly<Record<string, string>> = {
  "\n": "⏎",
  "\r": "␍",
  "\t": "⇥",
  " ": "·",
  "\ufeff": "BOM",
  "\u200b": "ZWSP",
  "\u00a0": "NBSP",
};

/** Characters that cannot be seen, as signs. A line may break after a blank. */
function visible(text: string): string {
  return text.replace(/[\n\r\t \ufeff\u200b\u00a0]/g, (character) => `${SIGNS[character]}\u200b`);
}

/** Where the secret differs. Its characters are dots: no part of it is shown. */
function SecretPositions({ given, right }: { given: string; right: string }) {
  const { explain, secret } = words.value;
  const { length, extra, missing } = positions(given, right);
  const places = extra.map((index) => index + 1).join(", ");
  const sentence = missing > 0 ? explain.secretMissing(missing) : explain.secretChanged;
  return (
    <section class="card">
      <h2>{secret.label}</h2>
      <p class="message dots" dir="ltr" aria-hidden="true">
        <code>
          {Array.from({ length: Math.min(length, 128) }, (_, index) =>
            extra.includes(index) ? <del key={index}>•</del> : <span key={index}>•</span>,
          )}
        </code>
      </p>
      <p>{extra.length > 0 && extra.length < 40 ? explain.secretPositions(extra.length, places) : sentence}</p>
    </section>
  );
}
