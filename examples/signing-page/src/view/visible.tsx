const HIDDEN = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}])/u;
/** Where text was changed, accents too: é looks the same as one character and as two. Arabic's marks are seen. */
const HIDDEN_OR_MARK = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]|[\u0300-\u036f])/u;

const SIGNS: Readonly<Record<string, string>> = { "\n": "⏎", "\r": "␍", "\t": "⇥", " ": "·" };
const NAMES: Readonly<Record<string, string>> = { "\ufeff": "BOM", "\u200b": "ZWSP", "\u00a0": "NBSP" };

/** Text with a sign in the place of each character that cannot be seen. */
export function Visible({ text, isChanged }: { text: string; isChanged: boolean }) {
  const parts = text.split(isChanged ? HIDDEN_OR_MARK : HIDDEN);
  return <>{parts.map((part, index) => (index % 2 === 0 ? part : <Sign key={index} character={part} />))}</>;
}

function Sign({ character }: { character: string }) {
  // A line may break after it.
  if (SIGNS[character] !== undefined) return <>{`${SIGNS[character]}\u200b`}</>;
  return (
    <>
      <bdi class="sign">{NAMES[character] ?? codePoint(character)}</bdi>
      <wbr />
    </>
  );
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) as number;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
