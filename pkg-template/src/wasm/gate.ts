import { unsupportedRuntime } from "../runtime/unsupported.js";

/** A module's bytes, or the module itself where a runtime compiles it ahead of time. */
export type WasmSource = Uint8Array<ArrayBuffer> | WebAssembly.Module;

/** What a call works with: an instance of a module, and whether a call is in it. */
export interface Opened {
  isEntered: boolean;
}

/** Hands out one instance for as long as it is sound, a call at a time. */
export interface Gate<Instance extends Opened> {
  /**
   * The instance, for one call, which leaves it at its end. A call that never left was cut off half-way: the stack was exhausted,
   * or the thread was terminated. Nobody knows in what state that left the memory, so a fresh instance takes its place.
   */
  enter(): Instance;
  leave(instance: Instance): void;
}

/**
 * Starts a module at once: a Worker may compile at its start alone. Where that fails, `enter` tries again and throws: a page or
 * a Worker may forbid compilation, which must not break the import of a bundle that never verifies anything, and a start-up
 * snapshot is made in a Node that has no WebAssembly yet.
 */
export function gate<Exports, Instance extends Opened>(
  source: () => WasmSource,
  open: (exports: Exports) => Instance,
  imports?: WebAssembly.Imports,
): Gate<Instance> {
  let module: WebAssembly.Module | undefined;
  let current: Instance | undefined;

  function fresh(): Instance {
    module ??= compiled(source());
    return open(new WebAssembly.Instance(module, imports).exports as Exports);
  }

  try {
    current = fresh();
  } catch {
    // `enter` throws it when the module is needed.
  }
  return {
    enter() {
      if (current === undefined || current.isEntered) {
        try {
          current = fresh();
        } catch (error) {
          // The stack of this call has ended, which says nothing about the runtime.
          if (/stack|recursion/i.test(String(error))) throw error;
          throw unsupportedRuntime(error);
        }
      }
      current.isEntered = true;
      return current;
    },
    leave(instance) {
      instance.isEntered = false;
    },
  };
}

/** A bundler's module may be of another realm, so `instanceof WebAssembly.Module` would not know it. */
function compiled(code: WasmSource): WebAssembly.Module {
  return ArrayBuffer.isView(code) ? new WebAssembly.Module(code as Uint8Array<ArrayBuffer>) : code;
}
