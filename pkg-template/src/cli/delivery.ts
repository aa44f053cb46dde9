// The options of `verify` and `explain` that describe a delivery received earlier.
import { type parse, required, UsageError, wholeNumber } from "./arguments.js";
import { content } from "./input.js";

export const DELIVERY_HELP = `\
  --body BODY              @FILE is a file, - is standard input, anything else
                           is the body itself
  --signature HEADER       the text of the Dealix-Signature header
  --header "NAME: VALUE"   or a header of the request; may be repeated
  --headers @FILE          or a file with one such header per line
  --max-age-seconds N      how old a signature may be; 300 by default
  --now TIME               the receiver's clock in seconds since 1970; now by
                           default`;

export const DELIVERY_OPTIONS = {
  body: { type: "string" },
  signature: { type: "string" },
  header: { type: "string", multiple: true },
  headers: { type: "string" },
  "max-age-seconds": { type: "string" },
  now: { type: "string" },
} as const;

type Options = ReturnType<typeof parse<typeof DELIVERY_OPTIONS>>;

/** The options in the package's own terms. */
export function delivery(options: Options) {
  return {
    body: content("body", required("body", options.body)),
    headers: options.signature ?? headers(options),
    maxAgeSeconds: wholeNumber("max-age-seconds", options["max-age-seconds"]),
    now: wholeNumber("now", options.now),
  };
}

function headers({ header = [], headers }: Options): Record<string, string[]> {
  const file = headers === undefined ? "" : content("headers", headers);
  const lines = typeof file === "string" ? file : new TextDecoder().decode(file);
  const all = [...header, ...lines.split(/\r?\n/).filter((line) => line !== "")];
  if (all.length === 0) throw new UsageError("--signature, --header or --headers is missing");
  const record: Record<string, string[]> = Object.create(null);
  for (const line of all) {
    const colon = line.indexOf(":");
    if (colon < 1) {
      throw new UsageError(`a header must be "NAME: VALUE", but one has no colon; for a file, use --headers @FILE`);
    }
    (record[line.slice(0, colon).toLowerCase()] ??= []).push(line.slice(colon + 1).trim());
  }
  return record;
}
