/** A request whose body arrives in chunks of at most this length, but in no more than 40, and the first of them empty. */
export function chunkedRequest(header, bytes, chunk) {
  const length = Math.max(chunk, Math.ceil(bytes.length / 40));
  const chunks = [new Uint8Array()];
  for (let from = 0; from < bytes.length; from += length)
    chunks.push(new Uint8Array(bytes.subarray(from, from + length)));
  return {
    method: "POST",
    headers: { get: (name) => (name === "dealix-signature" ? header : null) },
    body: ReadableStream.from(chunks),
    arrayBuffer: () => Promise.reject(new Error("the stream should have been read")),
  };
}
