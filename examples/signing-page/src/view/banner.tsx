import type { ComponentChildren } from "preact";
import { Icon } from "./icons.js";

interface BannerProps {
  tone: "good" | "bad" | "wait";
  word: string;
  why: string;
  more?: string | undefined;
  children?: ComponentChildren;
}

/** The verdict, in words, a colour and an icon; a screen reader hears it when it changes. */
export function Banner({ tone, word, why, more, children }: BannerProps) {
  return (
    <section class={`banner ${tone}`} id="verdict" data-tone={tone}>
      <Icon name={tone} />
      <div class="banner-text" role="status" aria-live="polite">
        <p class="word">{word}</p>
        <p>{why}</p>
        {more !== undefined && <p class="more">{more}</p>}
      </div>
      {children}
    </section>
  );
}
