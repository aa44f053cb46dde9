// The page's colours, as its own properties: they reach into the shadow root, and follow the theme.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--v1)" },
  { tag: tags.string, color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--time)" },
]);

const underlined = (colour: string) => ({
  backgroundImage: "none",
  paddingBottom: "0",
  textDecoration: `underline 2px wavy var(${colour})`,
  textDecorationSkipInk: "none",
});

const tooltip = (colour: string) => ({ borderInlineStart: `4px solid var(${colour})`, marginInlineStart: "0" });

// Padding, size and height are the plain field's, so that nothing moves when the editor takes its place.
const looks = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)" },
  // The page draws it around the whole field.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 12px" },
  ".cm-specialChar": { color: "var(--bad)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--v1-ground)", outline: "1px solid var(--v1)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-ground)", outline: "1px solid var(--bad)" },
  ".cm-lintRange-error": { ...underlined("--bad"), backgroundColor: "var(--bad-ground)" },
  ".cm-lintRange-warning": underlined("--wait"),
  ".cm-lintRange-active": { backgroundColor: "var(--wait-ground)" },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--bad)" },
  ".cm-tooltip": {
    border: "1px solid var(--edge)",
    borderRadius: "6px",
    backgroundColor: "var(--card)",
    color: "var(--ink)",
    fontSize: "0.8125rem",
  },
  ".cm-diagnostic": { padding: "6px 10px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": tooltip("--bad"),
  ".cm-diagnostic-warning": tooltip("--wait"),
});

export const theme = [looks, syntaxHighlighting(colours)];
