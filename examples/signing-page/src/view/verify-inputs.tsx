import { words } from "../state/page.js";
import {
  bodyKind,
  chooseBodyKind,
  chooseClock,
  clock,
  isPastedWithBlanks,
  isTimeBad,
  now,
  secrets,
  typedTime,
  typeTime,
} from "../state/verify.js";
import { BodyField } from "./body-field.js";
import { Choice, SecretField } from "./fields.js";
import { newKey, useKeys } from "./secret-keys.js";

export function BodyInput() {
  const { body } = words.value;
  return (
    <div class="field">
      <div class="row spread">
        <label for="body">{body.label}</label>
        <Choice
          name="body-kind"
          label={body.label}
          value={bodyKind.value}
          options={[
            ["text", body.text],
            ["base64", body.base64],
            ["file", body.file],
          ]}
          onValue={chooseBodyKind}
        />
      </div>
      <BodyField />
    </div>
  );
}

export function SecretInputs() {
  const { secret } = words.value;
  const list = secrets.value;
  const [keys, change] = useKeys(list);
  return (
    <div
      class="field-group"
      onPaste={(event) => (isPastedWithBlanks.value = /^\s|\s$/.test(event.clipboardData?.getData("text/plain") ?? ""))}
    >
      {list.map((value, index) => (
        <SecretField
          key={keys[index]}
          id={`secret-${index}`}
          label={list.length === 1 ? secret.label : secret.another(index + 1)}
          value={value}
          onValue={(text) => change(list.with(index, text), keys)}
          onRemove={list.length === 1 ? undefined : () => change(list.toSpliced(index, 1), keys.toSpliced(index, 1))}
        />
      ))}
      {isPastedWithBlanks.value && (
        <p class="warning" role="alert" id="secret-around">
          {secret.around}
        </p>
      )}
      <div class="row spread">
        <p class="hint">{secret.hint}</p>
        <button type="button" class="quiet" id="add-secret" onClick={() => change([...list, ""], [...keys, newKey()])}>
          {secret.add}
        </button>
      </div>
    </div>
  );
}

export function ClockInput() {
  const { clock: text } = words.value;
  const chosen = typeof clock.value === "number";
  return (
    <div class="field">
      <p class="label">{text.label}</p>
      <div class="row">
        <Choice
          name="clock"
          label={text.label}
          value={typeof clock.value === "number" ? "chosen" : clock.value}
          options={[
            ["now", text.now],
            ["signed", text.signed],
            ["chosen", text.chosen],
          ]}
          onValue={(value) => chooseClock(value === "chosen" ? now.value : value)}
        />
        <input
          class={chosen ? "code seconds" : "code seconds unused"}
          type="text"
          inputmode="numeric"
          dir="ltr"
          aria-label={text.seconds}
          aria-invalid={isTimeBad.value}
          aria-describedby={isTimeBad.value ? "clock-problem" : undefined}
          autocomplete="off"
          disabled={!chosen}
          value={typedTime.value ?? String(now.value)}
          onInput={(event) => typeTime(event.currentTarget.value)}
        />
      </div>
      {isTimeBad.value && (
        <p class="warning" id="clock-problem">
          {text.problem}
        </p>
      )}
    </div>
  );
}
