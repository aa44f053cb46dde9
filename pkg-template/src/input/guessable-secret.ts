/** Neither a blank nor a quote. A blank is white space, a control character, or a character without width. */
const VISIBLE = String.raw`[^\s\p{Cc}\p{Default_Ignorable_Code_Point}"'\x60‘-‟]`;

/** Any usual secret. */
const USUAL = /^[\w+/=-]+$/;

const PREFIX = /^whsec_/;

/** What an unset variable becomes in a string, in JavaScript and in template languages. */
const UNSET = /^(?:undefined|null|nan|none|nil|true|false|[ ,;:()[\]{}])+$/i;

/** What an object or a function becomes in a string. */
const OBJECT = /^(?:\[object .*\]|(?:async )?(?:function\b[^(]*\(|\([\w, ]*\) ?=>).*|class\b[^{]*\{.*)$/s;

/** What is there if nobody filled a secret in: a variable's name, a placeholder, a masked secret. */
const PLACEHOLDER =
  /^(?:\$(?:env:)?[A-Z_][A-Z\d_]*|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|#\{.*\}#?|<%.*%>|%[A-Z_][A-Z\d_]*%|<[\w .:-]+>|[*•.…]{3,}|(?:process\.|import\.meta\.)?env\.\w+|DEALIX_WEBHOOK_SECRET(?:=(?:undefined|null)?)?|@Microsoft\.KeyVault\(.*\)|op:\/\/.*)$/s;

/** The text without the blanks and quotes at its ends: from its first visible character to its last. */
export function unwrapped(text: string): string {
  // Engines take a millisecond to compile the expression, as long as the rest of a first verification.
  return USUAL.test(text) ? text : (new RegExp(`${VISIBLE}(.*${VISIBLE})?`, "su").exec(text)?.[0] ?? "");
}

/**
 * What is wrong with a secret that anyone can guess, or null for any other. `tests/fixtures/guessable-secrets.json`
 * lists examples of both.
 */
export function guessable(secret: string): string | null {
  // No pattern below matches a secret of only such characters with a digit in it. This spares most verifiers half a
  // millisecond of compiling the patterns.
  if (USUAL.test(secret) && /\d/.test(secret)) return null;
  const bare = unwrapped(secret);
  const text = unwrapped(bare.replace(PREFIX, ""));
  if (text === "")
    return bare === "" ? "contains nothing but white space and quotes." : "is `whsec_` with nothing after it.";
  if (UNSET.test(text)) return `is the text "${bare.slice(0, 40)}": an unset variable was converted to a string.`;
  if (OBJECT.test(text)) return "is an object or a function that was converted to a string.";
  return PLACEHOLDER.test(text) ? "is a placeholder or a variable's name, not its value." : null;
}
