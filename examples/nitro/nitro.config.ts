import { defineConfig } from "nitro";

export default defineConfig({ compatibilityDate: "2026-04-01", serverDir: "server" });
