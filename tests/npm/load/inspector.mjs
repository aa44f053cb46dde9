// Asks a Worker's inspector what it uses. The rest of workerd's memory grows in steps for minutes, with any Worker.

const INTERVAL_MS = 5000;

/** Tells the bytes in use after garbage is collected, every five seconds until it is stopped. */
export async function watchUsedBytes({ host }, tell) {
  const socket = new WebSocket(`ws://${host}/core:user:`);
  const answers = new Map();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(data);
    answers.get(id)?.(result);
    answers.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`the inspector at ${host} does not accept a connection`)));
  });
  let id = 0;
  const ask = (method) =>
    new Promise((resolve) => {
      id += 1;
      answers.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params: {} }));
    });
  const timer = setInterval(async () => {
    await ask("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = await ask("Runtime.getHeapUsage");
    tell(usedSize + backingStorageSize);
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}
