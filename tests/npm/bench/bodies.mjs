const NOTES = ["Ada Lovelace", "won by phone", "12,500.00 AED", "شركة الأفق", "follow up on Monday", "https://crm.example/deals/42"];

/** An envelope of exactly so many bytes of UTF-8, from 100 on. Of a long one, about one byte in six is not ASCII. */
export function bodyOf(size) {
  const envelope = (notes, id) => JSON.stringify({ id, type: "deal.won", customer_id: "c", timestamp: 1e9, api_version: "1", data: notes.length ? { notes } : {} });
  const bytes = (text) => new TextEncoder().encode(text).length;
  const notes = [];
  for (let left = size - bytes(envelope(notes, "")); ; ) {
    const note = NOTES[notes.length % NOTES.length];
    left -= bytes(JSON.stringify(note)) + 1;
    // The list itself takes some, too.
    if (left < 12) break;
    notes.push(note);
  }
  return envelope(notes, "e".repeat(size - bytes(envelope(notes, ""))));
}
