// What the two ways to import a wasm file give: text from build.mjs, a module from an edge runtime.
declare module "*.wasm" {
  const text: string;
  export default text;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
