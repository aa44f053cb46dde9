import { oneFile } from "./one-file.js";

export default {
  plugins: [oneFile("signing-page.html", "src/editor/code.ts")],
  build: {
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
};
