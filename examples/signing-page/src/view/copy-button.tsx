import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../state/page.js";

interface CopyButtonProps {
  text: string;
  label: string;
  done: string;
}

/** Copies text, and says so where a screen reader hears it. */
export function CopyButton({ text, label, done }: CopyButtonProps) {
  const isCopied = useSignal(false);
  const refused = useSignal<string | null>(null);
  const copy = async () => {
    isCopied.value = await isWritten(text);
    refused.value = isCopied.value ? null : text;
    setTimeout(() => (isCopied.value = false), 2000);
  };
  return (
    <>
      <button type="button" class="copy" disabled={text === ""} onClick={copy}>
        <span class={isCopied.value ? "unseen" : ""}>{label}</span>
        <span class={isCopied.value ? "" : "unseen"} aria-live="polite">
          {isCopied.value ? done : ""}
        </span>
      </button>
      {/* Not once the text is another. */}
      {refused.value === text && <ToCopy text={text} />}
    </>
  );
}

/** Browsers have no clipboard for a page that came without TLS, and may refuse it to any. */
async function isWritten(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The text, selected, for the reader to copy. */
function ToCopy({ text }: { text: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  return (
    <div class="to-copy">
      <p id="to-copy-hint">{words.value.copyRefused}</p>
      <textarea class="code" dir="ltr" rows={2} readOnly aria-labelledby="to-copy-hint" value={text} ref={field} />
    </div>
  );
}
