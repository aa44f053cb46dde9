// What the two ways to import a wasm file give: text in base64 from esbuild, a module from an edge runtime.
declare module "*.wasm" {
  const base64: string;
  export default base64;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
