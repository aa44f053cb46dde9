import { unsupportedRuntime } from "../runtime/unsupported.js";

/** A module's bytes, or the module itself if the runtime compiles it ahead of time. */
export type WasmSource = Uint8Array<ArrayBuffer> | WebAssembly.Module;

/** An instance of a module, and whether a call is in progress in it. */
export interface Opened {
  isEntered: boolean;
}

/** Hands out one instance, to one call at a time, for as long as its state is known to be sound. */
export interface Gate<Instance extends Opened> {
  /**
   * The instance, for one call, which must `leave` it at its end. A call that never left was cut off: the stack was
   * exhausted, or the thread was terminated. The state of the memory is then unknown, so a fresh instance takes its
   * place.
   */
  enter(): Instance;
  leave(instance: Instance): void;
}

/**
 * Starts a module at once, because a Worker may compile only at its start. If that fails, `enter` tries again and
 * throws: a page or a Worker may forbid compilation, which must not break the import of a bundle that never verifies
 * anything, and Node has no WebAssembly yet while it builds a start-up snapshot.
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
    // `enter` throws the error when the module is needed.
  }
  return {
    enter() {
      if (current === undefined || current.isEntered) {
        try {
          current = fresh();
        } catch (error) {
          // This call ran out of stack, which says nothing about the runtime.
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

/** A bundler's module may be from another realm, so `instanceof WebAssembly.Module` would not recognize it. */
function compiled(code: WasmSource): WebAssembly.Module {
  return ArrayBuffer.isView(code) ? new WebAssembly.Module(code as Uint8Array<ArrayBuffer>) : code;
}
