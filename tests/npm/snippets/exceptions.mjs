// How to compile the blocks that are not complete files for Node. An entry that no block matches is an error.

/** Fragments, by first line, with the names they take from the rest of the user's file (declared in context.d.ts). */
export const CONTEXT = {
  'import { Webhook } from "@dealix/webhooks";': ["rawBody", "request"],
  'import { verifyMiddleware } from "@dealix/webhooks/node";': ["app"],
  'import { diagnose } from "@dealix/webhooks/testing";': ["rawBody", "request"],
};

/** Declarations that hold for the whole of a user's project, by their first line. */
export const DECLARATIONS = {
  payloads: 'import "@dealix/webhooks";',
  expressRequest: 'import type { DealixEvent } from "@dealix/webhooks";',
};

/** Examples that are compiled with the tsconfig.json of their framework's scaffold. */
export const WITH_THEIR_OWN_SETTINGS = [
  "nestjs/receiver.ts",
  "worker/src/index.ts",
  "worker-guard/src/index.ts",
  "bun/receiver.mjs",
];

/** Examples that need what their framework generates, and the test that compiles them with it. */
export const ELSEWHERE = {
  "sveltekit/src/routes/webhooks/dealix/+server.ts": "examples-builds.test.mjs, after `svelte-kit sync`",
  "deno/receiver.mjs": "examples-fetch.test.mjs, with `deno check`",
  "astro/src/pages/webhooks/dealix.ts": "examples-builds.test.mjs, after `astro sync`",
  "react-router/app/routes/dealix.ts": "examples-routers.test.mjs, after `react-router typegen`",
  "tanstack-start/src/routes/webhooks/dealix.ts": "examples-routers.test.mjs, with the routes that its build generates",
  "vercel/api/webhooks/dealix.ts": "examples-vercel.test.mjs",
  "netlify/netlify/functions/dealix.ts": "examples-netlify.test.mjs",
  "supabase/supabase/functions/dealix/index.ts": "examples-supabase.test.mjs, with `deno check`",
  "firebase/src/index.ts": "examples-firebase.test.mjs",
  "nuxt/server/routes/webhooks/dealix.ts": "nuxt.test.mjs, with what Nuxt generates",
  "nuxt/nuxt.config.ts": "nuxt.test.mjs, with what Nuxt generates",
  "nitro/server/routes/webhooks/dealix.ts": "nitro.test.mjs, with what Nitro generates",
};
