// The types that `npm run types` generates from the package's openapi.json.
import type { webhooks } from "./openapi.js";

type DealWon = webhooks["deal.won"]["post"]["requestBody"]["content"]["application/json"];

export function amountOf({ id, data }: DealWon): string {
  return `${id}: ${data.amount?.toFixed(2)} ${data.currency}`;
}
