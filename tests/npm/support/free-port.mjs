import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nothing listens on, whatever the address, for servers that cannot say which one they got. */
export async function freePort() {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
