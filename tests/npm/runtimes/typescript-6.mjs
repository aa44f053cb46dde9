// Preloaded into builds that need TypeScript's JavaScript API, which TypeScript 7, this repository's, does not have.
import { registerHooks } from "node:module";

registerHooks({
  resolve: (name, context, next) => next(name === "typescript" ? "typescript-6" : name, context),
});
