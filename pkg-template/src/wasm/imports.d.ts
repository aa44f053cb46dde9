// The two ways to get a wasm module: build.mjs provides its bytes as text, and the bundler of an edge runtime the
// module itself, through the `imports` of package.json.
declare module "*.wasm" {
  const text: string;
  export default text;
}
declare module "#*-module" {
  const module: WebAssembly.Module;
  export default module;
}
