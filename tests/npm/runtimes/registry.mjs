import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { manifest } from "./process.mjs";

/** A registry on loopback with one package: the DEALIX_TARBALL, as npm would serve it. */
export async function startRegistry() {
  const tarball = readFileSync(process.env.DEALIX_TARBALL);
  const { folder, ...version } = manifest("@dealix/webhooks");
  const server = createServer((request, response) => {
    if (request.url.endsWith(".tgz")) return response.end(tarball);
    if (decodeURIComponent(request.url) !== "/@dealix/webhooks") return response.writeHead(404).end();
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const dist = { tarball: `${url}/package.tgz`, integrity };
    const versions = { [version.version]: { ...version, dist } };
    response.end(JSON.stringify({ name: version.name, "dist-tags": { latest: version.version }, versions }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => (server.close(), server.closeAllConnections()) };
}
