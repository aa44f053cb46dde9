// verifyLambda and lambdaHandler, with events as AWS makes them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "@dealix/webhooks";
import { lambdaHandler, verifyLambda } from "@dealix/webhooks/node";
import { delivery, PATH, SECRET } from "./support/http.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";

const webhook = new Webhook(SECRET);

/** An event of each kind for a request; `more` replaces fields of it. */
const kinds = {
  "API Gateway, REST": ({ method, headers, body }, more) => ({
    resource: PATH,
    path: PATH,
    httpMethod: method,
    headers,
    multiValueHeaders: multiple(headers),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      resourceId: "123456",
      apiId: "1234567890",
      resourcePath: PATH,
      httpMethod: method,
      path: `/prod${PATH}`,
      stage: "prod",
      protocol: "HTTP/1.1",
      identity: { sourceIp: "127.0.0.1" },
    },
    body,
    isBase64Encoded: false,
    ...more,
  }),
  "API Gateway, HTTP": ({ method, headers, body }, more) => ({
    version: "2.0",
    routeKey: `POST ${PATH}`,
    rawPath: PATH,
    rawQueryString: "",
    headers: lower(headers),
    requestContext: {
      accountId: "123456789012",
      apiId: "r3pmxmplak",
      domainName: "r3pmxmplak.execute-api.us-east-2.amazonaws.com",
      http: { method, path: PATH, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "Dealix-Webhooks/1.0" },
      routeKey: `POST ${PATH}`,
      stage: "$default",
    },
    ...(body !== null && { body }),
    isBase64Encoded: false,
    ...more,
  }),
  "a function URL": ({ method, headers, body }, more) => ({
    version: "2.0",
    routeKey: "$default",
    rawPath: PATH,
    rawQueryString: "",
    headers: lower(headers),
    requestContext: {
      accountId: "anonymous",
      apiId: "abc",
      domainName: "abc.lambda-url.us-west-2.on.aws",
      http: { method, path: PATH, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
      routeKey: "$default",
      stage: "$default",
    },
    ...(body !== null && { body }),
    isBase64Encoded: false,
    ...more,
  }),
  "a load balancer": ({ method, headers, body }, more) => ({
    requestContext: {
      elb: {
        targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambda/49e9d65c45c6791a",
      },
    },
    httpMethod: method,
    path: PATH,
    queryStringParameters: {},
    headers: lower(headers),
    body: body ?? "",
    isBase64Encoded: false,
    ...more,
  }),
  "a load balancer with all values": ({ method, headers, body }, more) => ({
    requestContext: {
      elb: {
        targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambda/49e9d65c45c6791a",
      },
    },
    httpMethod: method,
    path: PATH,
    multiValueQueryStringParameters: {},
    multiValueHeaders: multiple(lower(headers)),
    body: body ?? "",
    isBase64Encoded: false,
    ...more,
  }),
  "VPC Lattice": ({ method, headers, body }, more) => ({
    version: "2.0",
    path: PATH,
    method,
    headers: multiple(lower(headers)),
    queryStringParameters: {},
    ...(body !== null && { body }),
    isBase64Encoded: false,
    requestContext: {
      serviceNetworkArn: "arn:aws:vpc-lattice:us-east-2:123456789012:servicenetwork/sn-1",
      serviceArn: "arn:aws:vpc-lattice:us-east-2:123456789012:service/svc-1",
      targetGroupArn: "arn:aws:vpc-lattice:us-east-2:123456789012:targetgroup/tg-1",
      identity: { sourceVpcArn: "arn:aws:ec2:us-east-2:123456789012:vpc/vpc-1" },
      region: "us-east-2",
      timeEpoch: "1690497599177430",
    },
    ...more,
  }),
  "VPC Lattice, its first events": ({ method, headers, body }, { isBase64Encoded = false, ...more } = {}) => ({
    raw_path: PATH,
    method,
    headers: lower(headers),
    query_string_parameters: {},
    body: body ?? "",
    is_base64_encoded: isBase64Encoded,
    ...more,
  }),
};

function multiple(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

function lower(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

for (const [kind, event] of Object.entries(kinds)) {
  test(`${kind}: text, base64, none`, () => {
    const request = delivery();
    const base64 = Buffer.from(request.body).toString("base64");
    assert.equal(verifyLambda(webhook, event(request)).type, "deal.won");
    assert.equal(verifyLambda(webhook, event(request, { body: base64, isBase64Encoded: true })).data.name, "شركة 😀");
    assert.throws(() => verifyLambda(webhook, event(request, { body: base64 })), { code: "signature_mismatch" });
    assert.throws(() => verifyLambda(webhook, event({ ...request, body: null })), {
      name: "WebhookVerificationError",
      code: "signature_mismatch",
    });
    assert.throws(
      () => verifyLambda(webhook, event({ ...request, headers: { Accept: "*/*" } })),
      ({ code, details }) => code === "malformed_header" && details.headerNames.join().toLowerCase() === "accept",
    );
  });

  test(`${kind}: the handler's answers`, async () => {
    const events = [];
    const refusals = [];
    const handler = lambdaHandler({
      secret: SECRET,
      onEvent: ({ type }) => events.push(type),
      onError: ({ code }) => refusals.push(code),
      maxBodyBytes: 1000,
    });
    for (const [input, statusCode, headers] of [
      [event(delivery()), 204, {}],
      [event(delivery({ secret: "other" })), 400, {}],
      [event({ ...delivery(), method: "GET", body: null }), 405, { Allow: "POST" }],
      [event(delivery({ body: "x".repeat(1001) })), 413, {}],
      [event(delivery(), { body: Buffer.alloc(1001).toString("base64"), isBase64Encoded: true }), 413, {}],
      [event(delivery({ body: "é".repeat(501) })), 413, {}],
    ]) {
      const result = await handler(input);
      const { multiValueHeaders, ...rest } = result;
      assert.deepEqual(rest, { statusCode, headers, body: "", isBase64Encoded: false });
      // API Gateway refuses fields that it does not know; a load balancer may read these alone.
      assert.deepEqual(multiValueHeaders, kind.includes("balancer") ? multiple(headers) : undefined);
    }
    assert.deepEqual(events, ["deal.won"]);
    assert.deepEqual(refusals, ["signature_mismatch", "body_too_large", "body_too_large", "body_too_large"]);
  });

  test(`${kind}: a body that was parsed`, async () => {
    const request = delivery();
    const parsed = event(request, { body: JSON.parse(request.body) });
    for (const run of [
      async () => verifyLambda(webhook, parsed),
      () => lambdaHandler({ secret: SECRET, onEvent() {} })(parsed),
    ]) {
      const error = await run().then(assert.fail, (error) => error);
      assert.equal(`${error.name} ${error.code}`, "WebhookUsageError body_parsed");
      assert.match(error.message, /an object.*httpJsonBodyParser/);
      recordFramework("AWS Lambda", {
        version: "payloads 1.0, 2.0",
        example: "lambda/index.mjs",
        builds: "`node`, behind a stand-in for the gateway",
        mistake: "`JSON.parse(event.body)`, or Middy's `httpJsonBodyParser`",
        says: "remove anything that parses or decodes it first, such as Middy's `httpJsonBodyParser`",
        seen: error.message,
      });
    }
    assert.throws(() => verifyLambda(webhook, event(request, { isBase64Encoded: true })), {
      code: "body_parsed",
      message: /not base64/,
    });
  });
}

test("the limit is inclusive, and 1 MiB by default", () => {
  const event = (body, more) => kinds["API Gateway, HTTP"](delivery({ body }), more);
  for (const body of ["x".repeat(100), "é".repeat(50)]) {
    for (const input of [
      event(body),
      event(body, { body: Buffer.from(body).toString("base64"), isBase64Encoded: true }),
    ]) {
      assert.throws(() => verifyLambda(webhook, input, { maxBodyBytes: 100 }), { code: "invalid_envelope" });
      assert.throws(() => verifyLambda(webhook, input, { maxBodyBytes: 99 }), { code: "body_too_large" });
    }
  }
  assert.throws(() => verifyLambda(webhook, event("x".repeat(1024 * 1024))), { code: "invalid_envelope" });
  assert.throws(() => verifyLambda(webhook, event("x".repeat(1024 * 1024 + 1))), { code: "body_too_large" });
  assert.throws(() => verifyLambda(webhook, event("x"), { maxBytes: 5 }), { code: "invalid_option" });
});

test("all values of a header count, and an event without any is refused", () => {
  const request = delivery();
  const rest = kinds["API Gateway, REST"];
  const several = { "Dealix-Signature": [request.headers["Dealix-Signature"], "the last"] };
  assert.equal(
    verifyLambda(webhook, rest(request, { headers: { "Dealix-Signature": "the last" }, multiValueHeaders: several }))
      .type,
    "deal.won",
  );
  assert.equal(verifyLambda(webhook, rest(request, { multiValueHeaders: null })).type, "deal.won");
  assert.throws(() => verifyLambda(webhook, rest(request, { headers: null, multiValueHeaders: null })), {
    code: "malformed_header",
  });
});

test("headers missing from multiValueHeaders are found, in any case", () => {
  const request = delivery();
  const event = kinds["API Gateway, REST"];
  for (const multiValueHeaders of [
    {},
    null,
    undefined,
    { Accept: ["*/*"] },
    { "Dealix-Signature": [] },
    { "dealix-signature": null },
    JSON.parse('{"__proto__":["x"],"get":["x"]}'),
  ]) {
    for (const headers of [request.headers, lower(request.headers)]) {
      assert.equal(verifyLambda(webhook, event(request, { headers, multiValueHeaders })).type, "deal.won");
    }
  }
  const several = { "Dealix-Signature": [request.headers["Dealix-Signature"], "the last"] };
  assert.equal(
    verifyLambda(webhook, event(request, { headers: { "dealix-signature": "the last" }, multiValueHeaders: several }))
      .type,
    "deal.won",
  );
});

test("VPC Lattice says in a string, too, whether a body is in base64", () => {
  const request = delivery();
  const event = (is_base64_encoded, body) =>
    verifyLambda(webhook, kinds["VPC Lattice, its first events"](request, { is_base64_encoded, body })).type;
  assert.equal(event("false", request.body), "deal.won");
  assert.equal(event("true", Buffer.from(request.body).toString("base64")), "deal.won");
});

test("an event without a body: the message begins with it", () => {
  for (const [kind, event] of Object.entries(kinds)) {
    assert.throws(
      () => verifyLambda(webhook, event({ ...delivery(), body: null })),
      { code: "signature_mismatch", message: /^The body is an empty string: / },
      kind,
    );
  }
});

test("another source's event is named, and its content never shown", async () => {
  const body = JSON.parse(delivery().body);
  for (const [input, words] of [
    [
      { Records: [{ eventSource: "aws:sqs", body: "secret-marker" }] },
      /a batch of records from aws:sqs.*before the queue/,
    ],
    [{ Records: [{ EventSource: "aws:sns", Sns: {} }] }, /from aws:sns/],
    [{ Records: [{ eventSource: "secret-marker" }] }, /a batch of records, not/],
    [{ Records: [] }, /a batch of records, not/],
    [
      {
        Records: [
          {
            cf: {
              config: {},
              request: {
                method: "POST",
                uri: PATH,
                headers: { "dealix-signature": [{ key: "Dealix-Signature", value: "secret-marker" }] },
                body: { data: "secret-marker", encoding: "base64" },
              },
            },
          },
        ],
      },
      /a Lambda@Edge request.*not supported.*function URL/,
    ],
    [{ method: "POST", headers: {}, body: "secret-marker" }, /an object without an HTTP method/],
    [{ "detail-type": "x", source: "secret-marker", detail: {} }, /EventBridge/],
    [body, /the webhook's body, parsed.*Lambda proxy integration.*mapping template/],
    [{}, /an object without an HTTP method.*function URL/],
    [{ body: "secret-marker", headers: {} }, /an object without an HTTP method/],
    [[], /an array without/],
    ["secret-marker", /a string/],
    [null, /null/],
    [undefined, /undefined/],
  ]) {
    const check = (error) => {
      assert.equal(`${error.name} ${error.code}`, "WebhookUsageError not_a_request");
      assert.match(error.message, words);
      assert.ok(!error.message.includes("marker") && !error.message.includes(body.id));
      return true;
    };
    assert.throws(() => verifyLambda(webhook, input), check);
    await assert.rejects(lambdaHandler({ secret: SECRET, onEvent() {} })(input), check);
  }
});

test("onEvent's error passes through; an unset secret fails at start-up", async () => {
  const mine = new RangeError("mine");
  const handler = lambdaHandler({ secret: SECRET, onEvent: () => Promise.reject(mine) });
  await assert.rejects(handler(kinds["a function URL"](delivery())), mine);
  assert.throws(() => lambdaHandler({ secret: undefined, onEvent() {} }), { code: "empty_secret" });
});
