// The example for Node without verification: it reads the body and parses it.
import { createServer } from "node:http";
import process from "node:process";

const server = createServer(async (request, response) => {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = JSON.parse(Buffer.concat(chunks));
    console.log(`${event.type} ${event.id}`);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
});

const port = Number(process.env.PORT);
server.listen(port, () => console.log(`listening on http://localhost:${port}`));
