// Secrets and bodies that every peer can be given: no NUL in a secret, since openssl takes it as an argument.
const CHARACTERS = ["a", "Z", "0", "_", "-", "=", ",", ".", "é", "ش", "€", "😀"];
/** Around the blocks of SHA-256, with the time before the body or without. */
const LENGTHS = [0, 1, 44, 45, 52, 53, 54, 63, 64, 65, 108, 117, 118, 127, 128, 199, 200, 1000, 70_000];

/** A case's body is bytes, and in two of three cases UTF-8. */
export function randomCases({ below, one, percent }, count, now) {
  return Array.from({ length: count }, (_, id) => {
    const length = percent(50) ? one(LENGTHS) : below(3000);
    const isText = percent(67);
    const body = isText ? Buffer.from(textOf(length, one)) : Buffer.from(Array.from({ length }, () => below(256)));
    return { id, isText, body, secret: `s${textOf(below(100), one)}`, timestamp: now - below(200) };
  });
}

function textOf(length, one) {
  return Array.from({ length }, () => one(CHARACTERS)).join("");
}
