//! The rows of each table, in order. A row that no test recorded is an error, and so is one that is not here.

/// Of docs/runtimes.md.
pub const RUNTIMES: [&str; 18] = [
    "Node 20",
    "Node 22",
    "Node 24",
    "Node 26",
    "Deno",
    "Bun",
    "workerd",
    "edge-runtime",
    "Chromium",
    "Firefox ESR",
    "wrangler",
    "Next.js",
    "Vite",
    "webpack",
    "esbuild",
    "Rollup",
    "Jest",
    "Vitest",
];

/// Of docs/frameworks.md.
pub const FRAMEWORKS: [&str; 20] = [
    "Node",
    "Express 5",
    "Express 4",
    "Fastify",
    "Koa",
    "hapi",
    "NestJS",
    "Hono",
    "Next.js, app router",
    "Next.js, edge runtime",
    "Next.js, pages router",
    "SvelteKit",
    "Astro",
    "Elysia",
    "Cloudflare Workers",
    "Deno",
    "Bun",
    "AWS Lambda",
    "Google Cloud Functions",
    "Azure Functions",
];
