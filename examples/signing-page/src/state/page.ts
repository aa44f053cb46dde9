import { computed, effect, signal } from "@preact/signals";
import { ar } from "../words/ar.js";
import { en } from "../words/en.js";

export type Mode = "verify" | "explain" | "sign";
export type Theme = "auto" | "light" | "dark";

export const mode = signal<Mode>("verify");
export const theme = signal<Theme>("auto");
export const language = signal<"en" | "ar">(navigator.language.startsWith("ar") ? "ar" : "en");
export const words = computed(() => (language.value === "ar" ? ar : en));

/** The clock, in whole seconds, of whatever shows "now". */
export const seconds = signal(Math.floor(Date.now() / 1000));
setInterval(() => (seconds.value = Math.floor(Date.now() / 1000)), 1000);

const page = document.documentElement;
effect(() => {
  document.title = words.value.title;
  page.lang = language.value;
  page.dir = language.value === "ar" ? "rtl" : "ltr";
  page.dataset["theme"] = theme.value;
});
