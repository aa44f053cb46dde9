// The signed delivery in the forms that developers paste. The body is canonical: one line of ASCII.

export interface Signed {
  readonly url: string;
  readonly body: string;
  readonly header: string;
  readonly timestamp: number;
  readonly id: string;
  readonly type: string;
}

export const FORMS = ["curl", "powershell", "fetch", "python", "http", "vitest"] as const;
export type Form = (typeof FORMS)[number];

export const NAMES: Readonly<Record<Form, string>> = {
  curl: "curl",
  powershell: "curl.exe",
  fetch: "fetch",
  python: "Python",
  http: ".http",
  vitest: "Vitest",
};

export function copyAs(form: Form, signed: Signed): string {
  return WRITE[form](signed);
}

const BODY_FILE = "dealix-body.json";
/** `-g`: brackets in an address are no pattern. */
const CURL_OPTIONS = "-sSg -w '%{http_code}\\n'";

const WRITE: Readonly<Record<Form, (signed: Signed) => string>> = {
  // Through standard input: Linux allows an argument of no more than 128 kB.
  curl: (signed) =>
    [
      `printf %s ${shell(signed.body)} |\n  curl ${CURL_OPTIONS} ${shell(signed.url)}`,
      ...headers(signed).map((header) => `-H ${shell(header.join(": "))}`),
      "--data-binary @-",
    ].join(" \\\n  "),
  // Through a file: Windows allows a command of 32,767 characters. By its name alone, since curl.exe may not know every
  // letter of its folder's.
  powershell: (signed) =>
    [
      `$file = "$($PWD.ProviderPath)\\${BODY_FILE}"`,
      `[IO.File]::WriteAllText($file, ${power(signed.body)})`,
      `curl.exe ${CURL_OPTIONS} ${power(signed.url)} \``,
      ...headers(signed)
        .map((header) => header.join(": "))
        .filter(survivesPowerShell)
        .map((header) => `  -H ${power(header)} \``),
      `  --data-binary '@${BODY_FILE}'`,
      "Remove-Item -LiteralPath $file",
    ].join("\n"),
  fetch: (signed) =>
    `const response = await fetch(${literal(signed.url)}, {
  method: "POST",
  headers: {
${headers(signed)
  .map((header) => `    ${header.map(literal).join(": ")},`)
  .join("\n")}
  },
  body: ${literal(signed.body)},
});
console.log(response.status);`,
  python: (signed) =>
    `import requests

response = requests.post(
    ${literal(signed.url)},
    headers={
${headers(signed)
  .map((header) => `        ${header.map(literal).join(": ")},`)
  .join("\n")}
    },
    data=${literal(signed.body)}.encode(),
    timeout=10,
)
print(response.status_code)`,
  http: (signed) => {
    const lines = [`POST ${signed.url}`, ...headers(signed).map((header) => header.join(": ")), "", signed.body];
    const request = lines.join("\n");
    return request.includes("{{") ? `${BRACES}\n${request}` : request;
  },
  vitest: (signed) =>
    `import { verifySignature } from "@dealix/webhooks";
import { expect, test } from "vitest";

test("the delivery verifies", () => {
  const result = verifySignature({
    secret: process.env.DEALIX_WEBHOOK_SECRET,
    signatureHeader: ${literal(signed.header)},
    body: ${literal(signed.body)},
    now: ${signed.timestamp},
  });
  expect(result).toMatchObject({ valid: true, error: null });
});`,
};

/** Editors replace `{{name}}` in a `.http` file, and know no way to write it. */
const BRACES = "# The signed body has double braces, which editors take for a variable: copy another form.";

function headers({ header, id, type }: Signed): (readonly [string, string])[] {
  return [
    ["Content-Type", "application/json"],
    ["Dealix-Event-Id", id],
    ["Dealix-Event-Type", type],
    ["Dealix-Delivery-Attempt", "1"],
    ["Dealix-Signature", header],
  ];
}

/** PowerShell 5.1 damages arguments with quotes or backslashes, which an event type of one's own may have. */
function survivesPowerShell(argument: string): boolean {
  return !/["\\]/.test(argument);
}

function shell(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** PowerShell takes typographic quotes for quotes. */
function power(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}

/** A string in JavaScript and in Python. */
function literal(text: string): string {
  return JSON.stringify(text);
}
