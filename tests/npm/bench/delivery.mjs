// One delivery of 300 bytes, signed for every receiver that is measured.
import { createHmac } from "node:crypto";
import { bodyOf } from "./bodies.mjs";

const KEY = "made for the benchmark only";
export const SECRET = `whsec_${btoa(KEY)}`;
export const BODY = bodyOf(300);

/** Its headers under every scheme. Not signed with the package, since signing would warm up what is measured cold. */
export function signed() {
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac("sha256", SECRET).update(`${t}.${BODY}`).digest("hex");
  const standard = `v1,${createHmac("sha256", KEY).update(`evt_1.${t}.${BODY}`).digest("base64")}`;
  const headers = (prefix) => ({
    [`${prefix}-id`]: "evt_1",
    [`${prefix}-timestamp`]: `${t}`,
    [`${prefix}-signature`]: standard,
  });
  return { "dealix-signature": `t=${t},v1=${v1}`, ...headers("svix"), ...headers("webhook") };
}
