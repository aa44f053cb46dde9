import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { words } from "../state/page.js";

interface Labelled {
  id: string;
  label: string;
  hint?: string | undefined;
  /** Whether the children are a group, which takes its name from `<id>-label`. A click on a label presses a button. */
  isGroup?: boolean | undefined;
  children: ComponentChildren;
}

export function Field({ id, label, hint, isGroup = false, children }: Labelled) {
  return (
    <div class="field">
      {isGroup ? (
        <span class="label" id={`${id}-label`}>
          {label}
        </span>
      ) : (
        <label for={id}>{label}</label>
      )}
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          <bdi>{hint}</bdi>
        </p>
      )}
    </div>
  );
}

interface SecretField {
  id: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  onRemove?: (() => void) | undefined;
}

/** Browsers offer to save what a password field holds. Where they cannot mask another field, it is one. */
const IS_MASK_SUPPORTED = CSS.supports("-webkit-text-security", "disc");

/** Masked until asked; its value is a property of the element and never an attribute. */
export function SecretField({ id, label, value, onValue, onRemove }: SecretField) {
  const isShown = useSignal(false);
  const { secret } = words.value;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="row">
        <input
          id={id}
          class={isShown.value ? "code" : "code masked"}
          dir="ltr"
          type={(isShown.value || IS_MASK_SUPPORTED ? "text" : "password") as "text"}
          value={value}
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck={false}
          data-1p-ignore=""
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        <button type="button" aria-pressed={isShown.value} onClick={() => (isShown.value = !isShown.value)}>
          {isShown.value ? secret.hide : secret.show}
        </button>
        {onRemove && (
          <button type="button" onClick={onRemove}>
            {secret.remove}
          </button>
        )}
      </div>
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  name: string;
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onValue: (value: Value) => void;
}

/** A few radio buttons in a row: the arrow keys move between them. */
export function Choice<Value extends string>({ name, label, value, options, onValue }: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option}>
          <input type="radio" name={name} value={option} checked={option === value} onChange={() => onValue(option)} />
          <bdi>{text}</bdi>
        </label>
      ))}
    </fieldset>
  );
}
