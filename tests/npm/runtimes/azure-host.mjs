// Stands in for the Azure Functions host: hands each request to the functions of the example through the programming
// model of @azure/functions, which makes its own HttpRequest of it.
import { createServer } from "node:http";
import Module, { createRequire } from "node:module";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const functions = new Map();
let model;
const core = {
  setProgrammingModel: (given) => (model = given),
  registerFunction(metadata, handler) {
    const trigger = Object.values(metadata.bindings).find(({ type }) => type === "httpTrigger");
    functions.set(`/api/${trigger.route}`, { metadata, trigger, handler });
  },
};

// The host's own module, which no registry has.
const load = Module._load;
Module._load = (name, ...rest) => (name === "@azure/functions-core" ? core : load(name, ...rest));

const require = createRequire(pathToFileURL(`${process.cwd()}/`));
require("@azure/functions");
for (const file of process.argv.slice(2)) await import(pathToFileURL(`${process.cwd()}/${file}`));

const server = createServer(async (request, response) => {
  const called = functions.get(request.url);
  if (!called?.trigger.methods.includes(request.method)) return response.writeHead(404).end();
  try {
    const { statusCode, headers, body } = await invoke(called, request, await buffer(request));
    response.writeHead(Number(statusCode), headers).end(body.bytes);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

async function invoke({ metadata, trigger, handler }, { method, url, headers }, bytes) {
  const http = { method, url: `http://localhost${url}`, headers, body: { bytes } };
  const inputData = [{ name: trigger.name, data: { http } }];
  const invocation = model.getInvocationModel({ invocationId: "1", metadata, request: { inputData }, log() {} });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, handler);
  return (await invocation.getResponse(context, result)).returnValue.http;
}

server.listen(0, "127.0.0.1", () => {
  for (const route of functions.keys()) console.log(`http://127.0.0.1:${server.address().port}${route}`);
});
