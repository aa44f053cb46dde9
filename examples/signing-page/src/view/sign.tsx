import { EVENT_TYPES } from "@dealix/webhooks";
import { seconds, words } from "../state/page.js";
import { chooseType, customer, data, isOwnType, signingSecrets, time, type, url } from "../state/sign.js";
import { DataProblems } from "./data-problems.js";
import { Field, SecretField } from "./fields.js";
import { Signed } from "./signed.js";

const OWN = "";

export function Sign() {
  return (
    <div class="columns">
      <form class="inputs" onSubmit={(event) => event.preventDefault()}>
        <TypeInput />
        <DataInput />
        <SigningSecrets />
        <Details />
      </form>
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
      {isOwnType.value && <TextField id="own-type" label={sign.ownLabel} field={type} />}
    </div>
  );
}

function DataInput() {
  return (
    <div class="field">
      <label for="data">{words.value.sign.data}</label>
      <textarea
        id="data"
        class="code"
        dir="ltr"
        rows={9}
        spellcheck={false}
        aria-describedby="data-problems"
        value={data.value}
        onInput={(event) => (data.value = event.currentTarget.value)}
      />
      <DataProblems />
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
        <Field id="time" label={sign.time}>
          <div class="row">
            <TextInput id="time" field={time} />
            <button type="button" id="use-now" onClick={() => (time.value = String(seconds.value))}>
              {sign.useNow}
            </button>
          </div>
        </Field>
      </div>
      <TextField id="url" label={sign.url} field={url} />
    </>
  );
}

function TextField({ id, label, field }: { id: string; label: string; field: { value: string } }) {
  return (
    <Field id={id} label={label}>
      <TextInput id={id} field={field} />
    </Field>
  );
}

function TextInput({ id, field }: { id: string; field: { value: string } }) {
  return (
    <input
      id={id}
      class="code"
      dir="ltr"
      type="text"
      spellcheck={false}
      autocomplete="off"
      value={field.value}
      onInput={(event) => (field.value = event.currentTarget.value)}
    />
  );
}
