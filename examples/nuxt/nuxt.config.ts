export default defineNuxtConfig({
  compatibilityDate: "2026-04-01",
  // For Cloudflare and other edge hosts; Node ignores it.
  nitro: { experimental: { wasm: true } },
});
