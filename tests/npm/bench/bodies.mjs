const NOTES = [
  "Ada Lovelace",
  "won by phone",
  "12,500.00 AED",
  "شركة الأفق",
  "follow up on Monday",
  "https://crm.example/deals/42",
];

/**
 * An envelope of exactly `size` bytes, at least 100, as Dealix writes it: in ASCII, with escapes for everything else.
 */
export function bodyOf(size) {
  const notes = [];
  for (let left = size - envelope(notes, "").length; ; ) {
    const note = NOTES[notes.length % NOTES.length];
    left -= ascii(JSON.stringify(note)).length + 1;
    // The list itself takes some too.
    if (left < 12) break;
    notes.push(note);
  }
  const text = envelope(notes, "e".repeat(size - envelope(notes, "").length));
  // As it is read from a request: an engine may keep text that was made of wider text wide.
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function envelope(notes, id) {
  const data = notes.length > 0 ? { notes } : {};
  return ascii(JSON.stringify({ id, type: "deal.won", customer_id: "c", timestamp: 1e9, api_version: "1", data }));
}

function ascii(json) {
  return json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt().toString(16).padStart(4, "0")}`);
}
