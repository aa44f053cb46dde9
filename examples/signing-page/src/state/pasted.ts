// What was given in the header's place: a header, or all of a delivery, or a recording of several.
import { computed, signal } from "@preact/signals";
import { type Given, given, type Pasted, pasted as nothing } from "../pasted/given.js";
import { readPasted } from "../pasted/read.js";
import { source } from "./source.js";

export const header = signal("");

const read = computed(
  (): Pasted => (source.value === null ? readPasted(header.value) : (source.value.pasted ?? nothing("empty"))),
);

export const deliveries = computed(() => read.value.deliveries);

const choice = signal<{ of: Pasted; index: number } | null>(null);

/** Which of the deliveries is looked at. */
export const chosen = computed(() => (choice.value?.of === read.value ? choice.value.index : 0));

export function choose(index: number): void {
  choice.value = { of: read.value, index };
}

const NONE: Given = given([]);

export const pasted = computed(() => {
  const { kind, report } = read.value;
  return { kind, report, ...(deliveries.value[chosen.value] ?? NONE) };
});
