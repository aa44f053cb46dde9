// Stands in for API Gateway in front of the Lambda example: hands it each request as an event, format 2.0.
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

// The file in the working directory that exports the handler.
const [file = "index.mjs"] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(`${process.cwd()}/${file}`));

const server = createServer(async (request, response) => {
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, values.join(",")]),
  );
  const body = (await buffer(request)).toString("base64");
  const requestContext = { http: { method: request.method } };
  const result = await handler({ version: "2.0", headers, requestContext, body, isBase64Encoded: true });
  response.writeHead(result.statusCode, result.headers).end(result.body);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
