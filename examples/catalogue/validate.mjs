// Says what is wrong with recorded events: node validate.mjs event.json …
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import schema from "@dealix/webhooks/schemas/events.json" with { type: "json" };

const ajv = new Ajv2020();
const validate = ajv.compile(schema);
for (const file of process.argv.slice(2)) {
  const isValid = validate(JSON.parse(readFileSync(file, "utf8")));
  console.log(`${file}: ${isValid ? "valid" : ajv.errorsText(validate.errors, { dataVar: "event" })}`);
}
