import type { Words } from "./words.js";

export const causes: Words["causes"] = {
  none: { what: "Nothing is wrong: the signature is good.", cure: "Nothing to do." },
  body_parsed: {
    what: "The body was parsed and written again, so its bytes are no longer those that were signed.",
    cure: "Verify the raw body, before any parser sees it.",
  },
  byte_order_mark: {
    what: "A byte-order mark at the start of the body was added or dropped on the way.",
    cure: "Verify the bytes as they arrive, and do not pass them through an editor or a text file.",
  },
  newline: {
    what: "A newline at the end of the body was added or dropped on the way.",
    cure: "Do not trim the body, and write it without a newline: printf %s instead of echo.",
  },
  line_endings: {
    what: "The body’s line endings were changed between LF and CRLF.",
    cure: "Keep the body as bytes. Git, FTP in text mode and editors change line endings.",
  },
  charset: {
    what: "The body’s text was decoded in the wrong charset.",
    cure: "Keep the body as bytes, or decode all of it at once as UTF-8.",
  },
  base64_body: {
    what: "The body is still in base64.",
    cure: "Decode it first. AWS Lambda says so with isBase64Encoded.",
  },
  compressed_body: {
    what: "The body is compressed, but the signature covers the original.",
    cure: "Keep proxies from compressing requests, or decompress the body before you verify it.",
  },
  body_rewritten: {
    what: "The body is JSON, but not as Dealix writes it, and cannot be restored.",
    cure: "Find what changes the body on the way, such as a proxy or a logger, and verify before that point.",
  },
  body_truncated: {
    what: "Part of the body is missing.",
    cure: "Read the body to its end, and check the size limits of proxies and parsers.",
  },
  empty_body: {
    what: "The body is empty, and Dealix never sends an empty body.",
    cure: "Read the body before you verify it, and look for what read it first.",
  },
  secret_wrapped: {
    what: "The secret has something around it, or lacks something: quotes, a space, a newline, its variable’s name.",
    cure: "Correct the value where it is set: often an .env file, a YAML file or a secret manager.",
  },
  secret_encoded: {
    what: "The secret is encoded, or was decoded: base64, hex or percent-encoding.",
    cure: "Pass the secret exactly as Dealix shows it. Kubernetes decodes its secrets for you.",
  },
  other_secret: {
    what: "The delivery was signed with another of your secrets.",
    cure: "Use the secret of this endpoint and environment.",
  },
  unknown_secret: {
    what: "Header and body are as Dealix writes them, so the delivery was most likely signed with another secret.",
    cure: "Compare the secret with the one that Dealix shows for this endpoint and this environment.",
  },
  milliseconds: {
    what: "A time is in milliseconds.",
    cure: "Use whole seconds since 1970: Math.floor(Date.now() / 1000).",
  },
  clock_skew: {
    what: "The signature is right, but too old or from the future.",
    cure: "Set the server’s clock with NTP, and verify before you queue. For a recorded delivery, choose the time it was signed.",
  },
  other_provider: {
    what: "The delivery comes from another provider, not from Dealix.",
    cure: "Route each provider to its own endpoint.",
  },
  missing_header: {
    what: "There is no Dealix-Signature header.",
    cure: "Pass all headers of the request, and check that no proxy drops this one.",
  },
  header_rewritten: {
    what: "The signature header was changed on the way.",
    cure: "Pass the header exactly as it arrived.",
  },
  upper_case_hex: {
    what: "The signature is in upper-case hex.",
    cure: "Write it in lower case: look at your own sender or test.",
  },
  base64_signature: {
    what: "The signature is in base64.",
    cure: "Write it in hex: look at your own sender or test.",
  },
  timestamp_not_signed: {
    what: "The signature covers only the body, not the time.",
    cure: "Sign the time, a dot and the body: look at your own sender or test.",
  },
  unknown: {
    what: "None of the common mistakes explains it.",
    cure: "Check that header, body and secret belong to one delivery. If you pasted the body, choose it as a file instead.",
  },
};
