import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.js";

interface BannerProps {
  tone: "good" | "bad" | "wait";
  word: string;
  why: string;
  more?: string | undefined;
  /** For a sentence in the place of a word or two. */
  isLong?: boolean | undefined;
  badges?: ComponentChildren;
  children?: ComponentChildren;
}

/** The verdict, in words, a colour and an icon; a screen reader hears it when it changes. */
export function Banner({ tone, word, why, more, isLong, badges, children }: BannerProps) {
  return (
    <section class={`banner ${tone}`} id="verdict" data-tone={tone}>
      <Icon name={tone} />
      <div class="banner-text" role="status" aria-live="polite">
        <p class={isLong ? "word long" : "word"}>{word}</p>
        <p>{why}</p>
        {more !== undefined && <p class="more">{more}</p>}
        {badges !== undefined && <p class="badges">{badges}</p>}
      </div>
      <Actions>{children}</Actions>
    </section>
  );
}

/** What to do next. A button that took the focus away with it hands it to the one in its place. */
function Actions({ children }: { children: ComponentChildren }) {
  const actions = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost && navigator.userActivation?.hasBeenActive) actions.current?.querySelector("button")?.focus();
  });
  return (
    <div class="banner-actions" ref={actions}>
      {children}
    </div>
  );
}
