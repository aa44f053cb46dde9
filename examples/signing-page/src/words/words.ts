import type { Cause } from "@dealix/webhooks/testing";
import type { JsonFault } from "../core/json.js";
import type { Kind } from "../pasted/given.js";

export interface CauseWords {
  /** What happened, in a sentence. */
  readonly what: string;
  /** What to do, in a sentence. */
  readonly cure: string;
}

/** All the text of the page in one language. */
export interface Words {
  readonly title: string;
  readonly promise: string;
  readonly modes: { readonly label: string; readonly verify: string; readonly explain: string; readonly sign: string };
  readonly themes: { readonly label: string; readonly auto: string; readonly light: string; readonly dark: string };
  readonly otherLanguage: string;
  readonly proof: Readonly<Record<"title" | "offline" | "network" | "policy" | "hash", string>>;

  readonly header: {
    readonly label: string;
    readonly hint: string;
    readonly file: string;
    readonly entry: string;
  };
  readonly kinds: Readonly<Record<Exclude<Kind, "empty" | "too_long">, string>>;
  readonly body: {
    readonly label: string;
    readonly text: string;
    readonly base64: string;
    readonly file: string;
    readonly choose: string;
    readonly remove: string;
    readonly pasted: string;
    readonly keptBytes: string;
    readonly fromHeader: string;
    readonly secretWarning: string;
    readonly bytes: (count: number) => string;
  };
  readonly secret: {
    readonly label: string;
    readonly around: string;
    readonly another: (number: number) => string;
    readonly hint: string;
    readonly show: string;
    readonly hide: string;
    readonly add: string;
    readonly remove: string;
  };
  readonly clock: {
    readonly label: string;
    readonly now: string;
    readonly signed: string;
    readonly chosen: string;
    readonly seconds: string;
    readonly problem: string;
  };
  readonly sampleNote: string;
  readonly clear: string;
  readonly link: string;
  readonly linkCopied: string;
  readonly linkWithheld: string;
  readonly copyRefused: string;
  readonly linkUnread: string;

  readonly verdicts: Readonly<Record<string, { readonly word: string; readonly why: string }>>;
  readonly unknownVerdict: string;
  readonly staleButRight: string;
  readonly explainButton: string;
  readonly matched: (secret: number, secrets: number, v1: number, v1s: number) => string;

  readonly parts: {
    readonly title: string;
    readonly t: string;
    readonly v1: string;
    readonly other: string;
    readonly none: string;
    readonly covers: string;
    readonly more: (count: number) => string;
  };
  readonly age: {
    readonly title: string;
    readonly past: (duration: string) => string;
    readonly future: (duration: string) => string;
    readonly just: string;
    readonly window: string;
    readonly earlier: string;
    readonly later: string;
    readonly none: string;
  };
  readonly readable: {
    readonly title: string;
    readonly notJson: string;
    readonly binary: string;
    readonly duplicates: (keys: string) => string;
    readonly inexact: (numbers: string) => string;
    readonly cut: string;
  };

  readonly explain: {
    readonly nothing: string;
    readonly needsDelivery: string;
    readonly toVerify: string;
    readonly searching: string;
    readonly certain: string;
    readonly likely: string;
    readonly also: string;
    readonly reported: string;
    readonly compare: string;
    readonly signed: string;
    readonly received: string;
    readonly gap: (count: string) => string;
    readonly rest: string;
    readonly secretPositions: (extra: number, positions: string) => string;
    readonly secretMissing: (missing: number) => string;
    readonly secretChanged: string;
    readonly headerCompare: string;
    readonly cure: string;
    readonly framework: string;
    readonly undo: string;
    readonly undone: string;
    readonly undoneWhy: string;
    readonly canUndo: string;
    readonly cannotUndo: string;
    readonly back: string;
    readonly hex: string;
    readonly gapBytes: (count: string) => string;
    readonly cut: (count: string) => string;
    readonly failed: string;
    readonly failedWhy: string;
  };
  readonly causes: Readonly<Record<Cause, CauseWords>>;

  readonly sign: {
    readonly type: string;
    readonly own: string;
    readonly ownLabel: string;
    readonly data: string;
    readonly customer: string;
    readonly time: string;
    readonly seconds: string;
    readonly useNow: string;
    readonly url: string;
    readonly secret: string;
    readonly second: string;
    readonly header: string;
    readonly canonical: string;
    readonly copyAs: string;
    readonly copy: string;
    readonly copied: string;
    readonly waiting: string;
    readonly blocked: string;
    readonly place: (line: number, column: number) => string;
    readonly faults: Readonly<Record<JsonFault["code"], string>>;
    readonly canonicalForm: string;
    readonly notObject: string;
    readonly tooLong: string;
    readonly noCanonicalForm: string;
    readonly duplicates: (keys: string) => string;
    readonly inexact: (numbers: string) => string;
    readonly editing: {
      readonly label: string;
      readonly editor: string;
      readonly plain: string;
      readonly unavailable: string;
      readonly duplicate: string;
      readonly inexact: string;
      /** CodeMirror's own words. */
      readonly phrases: Readonly<Record<string, string>>;
    };
    readonly badType: string;
    readonly badUrl: string;
    readonly badTime: string;
    readonly needsSecretInEnvironment: string;
  };
}
