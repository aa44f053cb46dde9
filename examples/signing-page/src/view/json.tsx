import type { Token } from "../core/json.js";

const SHOWN_TOKENS = 1500;

/** JSON with a line for each member. Numbers keep their digits; each string has its own direction. */
export function Json({ tokens }: { tokens: readonly Token[] }) {
  return (
    <pre class="json" dir="ltr" tabindex={0}>
      {tokens.slice(0, SHOWN_TOKENS).map((token, index) => (
        <span key={index} class={token.kind}>
          {gap(tokens[index - 1], token)}
          {token.kind === "string" || token.kind === "key" ? <Isolated text={token.text} /> : token.text}
        </span>
      ))}
    </pre>
  );
}

function Isolated({ text }: { text: string }) {
  return (
    <>
      "<bdi>{(JSON.parse(text) as string).replace(/\n/g, "⏎")}</bdi>"
    </>
  );
}

function gap(before: Token | undefined, token: Token): string {
  if (before === undefined) return "";
  if (before.text === ":" && before.kind === "mark") return " ";
  const isOpen = before.kind === "mark" && /[{[]/.test(before.text);
  const isClose = token.kind === "mark" && /[}\]]/.test(token.text);
  if (isOpen && isClose) return "";
  const breaks = isOpen || isClose || (before.kind === "mark" && before.text === ",");
  return breaks ? `\n${"  ".repeat(token.level)}` : "";
}
