// The two ways to import a wasm file: build.mjs provides text, an edge runtime's bundler a module.
declare module "*.wasm" {
  const text: string;
  export default text;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
