/** A request whose body arrives in chunks of at most this length, but in no more than 40, and the first of them empty. */
export function chunkedRequest(header, bytes, chunk) {
  const length = Math.max(chunk, Math.ceil(bytes.length / 40));
  let from = 0;
  const body = new ReadableStream({
    start: (stream) => stream.enqueue(new Uint8Array()),
    pull(stream) {
      if (from >= bytes.length) return stream.close();
      stream.enqueue(new Uint8Array(bytes.subarray(from, from + length)));
      from += length;
    },
  });
  return {
    method: "POST",
    headers: { get: (name) => (name === "dealix-signature" ? header : null) },
    body,
    arrayBuffer: () => Promise.reject(new Error("the stream should have been read")),
  };
}
