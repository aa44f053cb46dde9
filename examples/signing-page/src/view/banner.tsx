import type { ComponentChildren } from "preact";
import { Icon } from "./icons.js";

interface BannerProps {
  tone: "good" | "bad" | "wait";
  word: string;
  why: string;
  more?: string | undefined;
  /** For a sentence in the place of a word or two. */
  isLong?: boolean | undefined;
  children?: ComponentChildren;
}

/** The verdict, in words, a colour and an icon; a screen reader hears it when it changes. */
export function Banner({ tone, word, why, more, isLong, children }: BannerProps) {
  return (
    <section class={`banner ${tone}`} id="verdict" data-tone={tone}>
      <Icon name={tone} />
      <div class="banner-text" role="status" aria-live="polite">
        <p class={isLong ? "word long" : "word"}>{word}</p>
        <p>{why}</p>
        {more !== undefined && <p class="more">{more}</p>}
      </div>
      {children}
    </section>
  );
}
