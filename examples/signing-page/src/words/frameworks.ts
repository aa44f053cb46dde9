/** How each framework gets at the raw body. Code is the same in every language. */
export const FRAMEWORKS: Readonly<Record<string, string>> = {
  Express: '// Above any app.use(express.json())\napp.post("/webhooks/dealix", nodeHandler({ secret, onEvent }));',
  "Next.js, app router": "// app/webhooks/dealix/route.js\nexport const POST = fetchHandler({ secret, onEvent });",
  "Next.js, pages router":
    "export const config = { api: { bodyParser: false } };\nexport default nodeHandler({ secret, onEvent });",
  Fastify: 'app.post("/webhooks/dealix", { onRequest: nodeHandler({ secret, onEvent }) }, () => {});',
  NestJS: "const app = await NestFactory.create(AppModule, { rawBody: true });",
  "AWS Lambda": "export const handler = lambdaHandler({ secret, onEvent });",
  "Workers, Hono, Deno, Bun": "const event = await webhook.verifyRequest(request);",
  "Python, Flask": "body = request.get_data()  # before request.json",
  "Python, Django": "body = request.body  # before json.loads",
  PHP: '$body = file_get_contents("php://input");',
};
