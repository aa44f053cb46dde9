import { useRef } from "preact/hooks";
import { secrets } from "../state/verify.js";

let lastKey = 0;

export function newKey(): number {
  return ++lastKey;
}

/**
 * A key for each secret, by which its field stays its own: what is shown of one must not show another in its place.
 * `change` sets the secrets and their keys. Whoever else sets them, as Clear does, starts with masked fields.
 */
export function useKeys(list: readonly string[]) {
  const own = useRef({ list, keys: list.map(newKey) });
  if (own.current.list !== list) own.current = { list, keys: list.map(newKey) };
  const change = (list: readonly string[], keys: readonly number[]) => {
    own.current = { list, keys: [...keys] };
    secrets.value = list;
  };
  return [own.current.keys, change] as const;
}
