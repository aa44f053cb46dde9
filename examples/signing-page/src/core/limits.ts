/** In characters, of which none has less than a byte: Dealix sends no more than a mebibyte. */
export const MAX_DATA = 1024 * 1024;
