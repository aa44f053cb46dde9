import { EVENT_TYPES } from "@dealix/webhooks";
import { words } from "../state/page.js";
import { chooseType, customer, hurdle, isOwnType, ownTime, signingSecrets, time, type, url } from "../state/sign.js";
import { DataField } from "./data-field.js";
import { Field, SecretField } from "./fields.js";
import { Signed } from "./signed.js";

const OWN = "";

export function Sign() {
  return (
    <div class="columns">
      <div class="inputs">
        <TypeInput />
        <DataField />
        <SigningSecrets />
        <Details />
      </div>
      <Signed />
    </div>
  );
}

function TypeInput() {
  const { sign } = words.value;
  const choose = (chosen: string) => {
    isOwnType.value = chosen === OWN;
    chooseType(chosen === OWN ? "deal.paused" : chosen);
  };
  return (
    <div class="pair">
      <Field id="type" label={sign.type}>
        <select
          id="type"
          value={isOwnType.value ? OWN : type.value}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {EVENT_TYPES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value={OWN}>{sign.own}</option>
        </select>
      </Field>
      {isOwnType.value && <TextField id="own-type" label={sign.ownLabel} field={type} hurdleName="badType" />}
    </div>
  );
}

function SigningSecrets() {
  const { sign } = words.value;
  const [first, second] = signingSecrets.value;
  return (
    <>
      <SecretField
        id="signing-secret"
        label={sign.secret}
        value={first}
        onValue={(value) => (signingSecrets.value = [value, second])}
      />
      <SecretField
        id="second-secret"
        label={sign.second}
        value={second}
        onValue={(value) => (signingSecrets.value = [first, value])}
      />
    </>
  );
}

function Details() {
  const { sign } = words.value;
  return (
    <>
      <div class="pair">
        <TextField id="customer" label={sign.customer} field={customer} />
        <TimeInput />
      </div>
      <TextField id="url" label={sign.url} field={url} hurdleName="badUrl" />
    </>
  );
}

function TimeInput() {
  const { sign } = words.value;
  const isNow = ownTime.value === null;
  const isWrong = hurdle.value === "badTime";
  return (
    <div class="field">
      <label for="time">{sign.time}</label>
      <div class="row">
        <input
          id="time"
          class="code"
          dir="ltr"
          type="text"
          inputmode="numeric"
          autocomplete="off"
          aria-label={sign.seconds}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? "time-fault" : undefined}
          value={time.value}
          onInput={(event) => (ownTime.value = event.currentTarget.value.trim())}
        />
        <button
          type="button"
          id="use-now"
          aria-pressed={isNow}
          onClick={() => (ownTime.value = isNow ? time.value : null)}
        >
          {sign.useNow}
        </button>
      </div>
      {isWrong && <Fault id="time" text={sign.badTime} />}
    </div>
  );
}

interface TextFieldProps {
  id: string;
  label: string;
  field: { value: string };
  /** What is wrong while this field has a fault. */
  hurdleName?: "badType" | "badUrl" | undefined;
}

function TextField({ id, label, field, hurdleName }: TextFieldProps) {
  const fault = hurdleName !== undefined && hurdle.value === hurdleName ? words.value.sign[hurdleName] : undefined;
  return (
    <Field id={id} label={label}>
      <input
        id={id}
        class="code"
        dir="ltr"
        type="text"
        spellcheck={false}
        autocomplete="off"
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        value={field.value}
        onInput={(event) => (field.value = event.currentTarget.value)}
      />
      {fault !== undefined && <Fault id={id} text={fault} />}
    </Field>
  );
}

/** `Status` says it to screen readers, once the typing rests. */
function Fault({ id, text }: { id: string; text: string }) {
  return (
    <p class="warning" id={`${id}-fault`}>
      {text}
    </p>
  );
}
