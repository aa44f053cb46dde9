// Text that a developer may well paste in the header's place, with credentials that must not leave with it.
export const TOKEN = "b34r3rT0ken0123456789";

const bearer = `-H 'Authorization: Bearer ${TOKEN}'`;
const lines = (...all) => all.join("\n");

/** None of them has a signature that the page could check. */
export const UNREAD = {
  "curl after a prompt": `$ curl https://x.example ${bearer} -d '{}'`,
  "curl that is timed": `time curl https://x.example ${bearer}`,
  "curl.exe": `curl.exe https://x.example ${bearer}`,
  "a pipe": `echo -n '{}' | curl https://x.example ${bearer} -d @-`,
  "a whole curl -v log": lines(
    "*   Trying 127.0.0.1:3000...",
    "> POST /hooks HTTP/1.1",
    `> Authorization: Bearer ${TOKEN}`,
    "> Dealix-Event-Type: deal.won",
    "> ",
    "< HTTP/1.1 200 OK",
    `< Set-Cookie: session=${TOKEN}`,
  ),
  "raw headers of HTTP/2": lines(":authority: x.example", ":method: POST", `authorization: Bearer ${TOKEN}`),
  httpie: `http POST :3000/hooks Authorization:'Bearer ${TOKEN}' a=b`,
  "httpie with a key and a signature": `http :3000 X-Api-Key:${TOKEN} Dealix-Signature:"t=1,v1=00"`,
  "a recording that is cut off": `{"log":{"entries":[{"request":{"headers":[{"name":"Authorization","value":"${TOKEN}"}`,
  "an event without our header": JSON.stringify({ headers: { Authorization: `Bearer ${TOKEN}` }, body: "{}" }),
  "an access token of Shopify": lines("Host: x.example", `X-Shopify-Access-Token: ${TOKEN}`),
  "a secret among the headers": lines("Host: x.example", `Webhook-Secret: ${TOKEN}`, `X-GitHub-Token: ${TOKEN}`),
  "a signature and a cookie": `t=1,v1=00 cookie=${TOKEN}`,
  "the line of an .env file": `DEALIX_WEBHOOK_SECRET=${TOKEN}`,
  "a bare token": TOKEN,
};
