/** Neither a blank nor a quote. A blank is white space, a control character, or a character without width. */
const VISIBLE = String.raw`[^\s\p{Cc}\p{Default_Ignorable_Code_Point}"'\x60‘-‟]`;

/** From the first visible character to the last. */
const BARE = /* @__PURE__ */ new RegExp(`${VISIBLE}(.*${VISIBLE})?`, "su");

const PREFIX = /^whsec_/;

/** What an unset variable becomes in a string, in JavaScript and in template languages. */
const UNSET = /^(?:undefined|null|nan|none|nil|true|false|[ ,;:()[\]{}])+$/i;

/** What an object or a function becomes in a string. */
const OBJECT = /^(?:\[object .*\]|(?:async )?(?:function\b[^(]*\(|\([\w, ]*\) ?=>).*|class\b[^{]*\{.*)$/s;

/** What is there if nobody filled a secret in: a variable's name, a placeholder, a masked secret. */
const PLACEHOLDER =
  /^(?:\$(?:env:)?[A-Z_][A-Z\d_]*|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|#\{.*\}#?|<%.*%>|%[A-Z_][A-Z\d_]*%|<[\w .:-]+>|[*•.…]{3,}|(?:process\.|import\.meta\.)?env\.\w+|DEALIX_WEBHOOK_SECRET(?:=(?:undefined|null)?)?|@Microsoft\.KeyVault\(.*\)|op:\/\/.*)$/s;

/** The text without the blanks and quotes at its ends. */
export function unwrapped(text: string): string {
  return BARE.exec(text)?.[0] ?? "";
}

/**
 * What is wrong with a secret that anyone can guess, or null for any other. `tests/fixtures/guessable-secrets.json`
 * lists examples of both.
 */
export function guessable(secret: string): string | null {
  const bare = unwrapped(secret);
  const text = unwrapped(bare.replace(PREFIX, ""));
  if (text === "") return bare === "" ? "holds nothing but blanks and quotes." : "is `whsec_` and nothing after it.";
  if (UNSET.test(text)) return `is the text "${bare.slice(0, 40)}": an unset variable was put into a string.`;
  if (OBJECT.test(text)) return "is an object or a function that was put into a string.";
  return PLACEHOLDER.test(text) ? "is a placeholder or a variable's name, not its value." : null;
}
