// Reads JSON text without losing what JSON.parse loses: the digits of numbers, duplicate keys, and the place of a fault.

export type TokenKind = "key" | "string" | "number" | "word" | "mark";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly level: number;
}

export interface JsonFault {
  /** What was expected there. */
  readonly code: "value" | "key" | "colon" | "comma" | "string" | "end" | "depth";
  readonly offset: number;
}

/** Something in JSON text that is read otherwise than it looks, and where. */
export interface Remark {
  /** A key that comes again in the same object, or a number that JavaScript would change. */
  readonly code: "duplicate" | "inexact";
  readonly from: number;
  readonly to: number;
}

export interface Reading {
  readonly tokens: readonly Token[];
  readonly fault: JsonFault | null;
  readonly duplicates: readonly string[];
  /** Numbers that JavaScript would change. */
  readonly inexact: readonly string[];
  readonly remarks: readonly Remark[];
}

const MAX_LEVELS = 128;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\r\n]*/y;

/** Reads text as far as it is JSON. */
export function readJson(text: string): Reading {
  const reader = new Reader(text);
  let fault: JsonFault | null = null;
  try {
    reader.document();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = { code: error.code, offset: error.offset };
  }
  const { tokens, duplicates, inexact, remarks } = reader;
  return { tokens, fault, duplicates: [...duplicates], inexact: [...inexact], remarks };
}

/** Line and column, from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

class Fault extends Error {
  constructor(
    readonly code: JsonFault["code"],
    readonly offset: number,
  ) {
    super(code);
  }
}

/** The keys of an object; each with the remark that is due if it comes again. */
type Keys = Map<string, Remark>;

class Reader {
  readonly tokens: Token[] = [];
  readonly duplicates = new Set<string>();
  readonly inexact = new Set<string>();
  readonly remarks: Remark[] = [];
  private at = 0;
  private level = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value();
    this.blank();
    if (this.at < this.text.length) throw new Fault("end", this.at);
  }

  private value(): void {
    this.blank();
    const first = this.text[this.at];
    if (first === "{") this.list("}", () => this.member(this.keys.at(-1) as Keys));
    else if (first === "[") this.list("]", () => this.value());
    else if (first === '"') this.push("string", this.match(STRING) ?? this.fail("string"));
    else this.scalar();
  }

  private scalar(): void {
    const number = this.match(NUMBER);
    if (number !== null) this.number(number);
    else this.push("word", this.match(WORD) ?? this.fail("value"));
  }

  private readonly keys: Keys[] = [];

  private list(end: string, item: () => void): void {
    this.push("mark", this.text[this.at++] as string);
    if (++this.level > MAX_LEVELS) this.fail("depth");
    this.keys.push(new Map());
    for (let isFirst = true; !this.ends(end); isFirst = false) {
      if (!isFirst) this.mark(",", "comma");
      item();
    }
    this.keys.pop();
    this.level--;
    this.push("mark", this.text[this.at++] as string);
  }

  private ends(end: string): boolean {
    this.blank();
    const isEnd = this.text[this.at] === end;
    // A comma before the end is no JSON.
    if (isEnd && this.tokens.at(-1)?.text === ",") this.fail(end === "}" ? "key" : "value");
    return isEnd;
  }

  private member(keys: Keys): void {
    this.blank();
    const key = this.match(STRING) ?? this.fail("key");
    const name = JSON.parse(key) as string;
    const earlier = keys.get(name);
    if (earlier !== undefined) {
      this.duplicates.add(name);
      this.remarks.push(earlier);
    }
    keys.set(name, this.remark("duplicate", key));
    this.push("key", key);
    this.mark(":", "colon");
    this.value();
  }

  private number(text: string): void {
    if (/^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) {
      this.inexact.add(text);
      this.remarks.push(this.remark("inexact", text));
    }
    this.push("number", text);
  }

  /** On the text that was just read. */
  private remark(code: Remark["code"], text: string): Remark {
    return { code, from: this.at - text.length, to: this.at };
  }

  private mark(mark: string, code: JsonFault["code"]): void {
    this.blank();
    if (this.text[this.at] !== mark) this.fail(code);
    this.at++;
    this.push("mark", mark);
  }

  private blank(): void {
    this.match(BLANK);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.text)?.[0] ?? null;
    this.at += text?.length ?? 0;
    return text;
  }

  private push(kind: TokenKind, text: string): void {
    this.tokens.push({ kind, text, level: this.level });
  }

  private fail(code: JsonFault["code"]): never {
    throw new Fault(code, this.at);
  }
}
