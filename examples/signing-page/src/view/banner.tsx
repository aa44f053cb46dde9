import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.js";

export type Tone = "good" | "bad" | "wait";

interface BannerProps {
  tone: Tone;
  word: string;
  why: string;
  more?: string | undefined;
  /** For a sentence in the place of a word or two. */
  isLong?: boolean | undefined;
  badges?: ComponentChildren;
  children?: ComponentChildren;
}

/** The verdict, in words, a colour and an icon. `Status` says it to screen readers. */
export function Banner({ tone, word, why, more, isLong, badges, children }: BannerProps) {
  return (
    <section class={`banner ${tone}`} id="verdict" data-tone={tone}>
      <Icon name={tone} />
      <div class="banner-text">
        <p class={isLong ? "word long" : "word"}>{word}</p>
        <p>{why}</p>
        {more !== undefined && <p class="more">{more}</p>}
        {badges !== undefined && <p class="badges">{badges}</p>}
      </div>
      <Actions>{children}</Actions>
    </section>
  );
}

/** Whether a button was pressed that the next banner replaces, and the focus with it. */
let isFocusOwed = false;

/** What to do next. A button that took the focus away with it hands it to the one in its place. */
function Actions({ children }: { children: ComponentChildren }) {
  const actions = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const next = actions.current?.querySelector("button");
    // While the page searches for the cause there is no button yet.
    if (!isFocusOwed || !next) return;
    isFocusOwed = false;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost) next.focus({ preventScroll: true });
  });
  return (
    // Before the button's own listener, after which the button may be gone already.
    <div class="banner-actions" ref={actions} onClickCapture={() => (isFocusOwed = true)}>
      {children}
    </div>
  );
}
