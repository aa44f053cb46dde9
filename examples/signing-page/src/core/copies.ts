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

const WRITE: Readonly<Record<Form, (signed: Signed) => string>> = {
  // Through standard input: Linux allows an argument of no more than 128 kB.
  curl: (signed) =>
    [
      `printf %s ${shell(signed.body)} |`,
      `curl -sS -w '%{http_code}\\n' ${shell(signed.url)}`,
      ...headers(signed).map((line) => `-H ${shell(line)}`),
      "--data-binary @-",
    ]
      .join(" \\\n  ")
      .replace("| \\\n", "|\n"),
  // PowerShell 5 takes quotes out of arguments, so the body goes through a file.
  powershell: (signed) =>
    [
      `$body = "$PWD\\dealix-body.json"`,
      `[IO.File]::WriteAllText($body, ${power(signed.body)})`,
      `curl.exe -sS -w "%{http_code}\\n" ${power(signed.url)} \``,
      ...headers(signed).map((line) => `  -H ${power(line)} \``),
      '  --data-binary "@$body"',
    ].join("\n"),
  fetch: (signed) =>
    `const response = await fetch(${literal(signed.url)}, {
  method: "POST",
  headers: {
${headers(signed)
  .map((line) => `    ${line.split(": ").map(literal).join(": ")},`)
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
  .map((line) => `        ${line.split(": ").map(literal).join(": ")},`)
  .join("\n")}
    },
    data=${literal(signed.body)}.encode(),
    timeout=10,
)
print(response.status_code)`,
  http: (signed) => `POST ${signed.url}\n${headers(signed).join("\n")}\n\n${signed.body}`,
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

function headers({ header, id, type }: Signed): string[] {
  return [
    "Content-Type: application/json",
    `Dealix-Event-Id: ${id}`,
    `Dealix-Event-Type: ${type}`,
    "Dealix-Delivery-Attempt: 1",
    `Dealix-Signature: ${header}`,
  ];
}

function shell(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

function power(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}

/** A string in JavaScript and in Python. */
function literal(text: string): string {
  return JSON.stringify(text);
}
