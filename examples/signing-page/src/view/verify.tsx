import { explain } from "../state/explain.js";
import { link, reasonWithheld } from "../state/link.js";
import { words } from "../state/page.js";
import { pasted } from "../state/pasted.js";
import {
  clear,
  isExplainable,
  isJudged,
  isSample,
  isSecretInHeader,
  matchedSecret,
  secrets,
  verdict,
} from "../state/verify.js";
import { countV1 } from "../core/signature.js";
import { Age } from "./age.js";
import { Banner } from "./banner.js";
import { CopyButton } from "./copy-button.js";
import { HeaderInput } from "./header-input.js";
import { Readable } from "./readable.js";
import { SignedParts } from "./signed-parts.js";
import { BodyInput, ClockInput, SecretInputs } from "./verify-inputs.js";

export function Verify() {
  return (
    <>
      <VerdictBanner />
      <div class="columns">
        <form class="inputs" onSubmit={(event) => event.preventDefault()}>
          <Toolbar />
          <HeaderInput />
          {isSecretInHeader.value && <SecretWarning />}
          <BodyInput />
          <SecretInputs />
          <ClockInput />
        </form>
        <div class="facts">
          <SignedParts />
          <Age />
          <Readable />
        </div>
      </div>
    </>
  );
}

function SecretWarning() {
  return (
    <p class="warning" role="alert">
      {words.value.body.secretWarning}
    </p>
  );
}

/** Above the inputs and always as high, so that no field moves while somebody types into it. */
function Toolbar() {
  const { sampleNote, clear: clearLabel, link: linkLabel, linkCopied } = words.value;
  const reason = reasonWithheld.value;
  const note = isSample.value ? sampleNote : reason === null ? null : words.value[reason];
  return (
    <div class="toolbar">
      {note === null ? <CopyButton text={link.value} label={linkLabel} done={linkCopied} /> : <p>{note}</p>}
      <button type="button" id="clear" onClick={clear}>
        {clearLabel}
      </button>
    </div>
  );
}

function VerdictBanner() {
  const { code, matches } = verdict.value;
  const { verdicts, unknownVerdict, explainButton } = words.value;
  const { word, why } = verdicts[code ?? "good"] ?? { word: unknownVerdict, why: code ?? "" };
  return (
    <Banner
      tone={code === null ? "good" : isJudged.value ? "bad" : "wait"}
      word={word}
      why={why}
      more={matches ? more() : undefined}
      badges={isJudged.value && code !== null ? <code dir="ltr">{code}</code> : undefined}
    >
      {isExplainable.value && (
        <button type="button" class="main" id="explain" onClick={explain}>
          {explainButton}
        </button>
      )}
    </Banner>
  );
}

/** Which secret and which `v1` matched. */
function more(): string {
  const { code, v1Index } = verdict.value;
  const { matched, staleButRight } = words.value;
  const v1s = countV1(pasted.value.signature ?? "");
  const text = matched(matchedSecret.value ?? 1, secrets.value.length, (v1Index ?? 0) + 1, v1s);
  return code === null ? text : `${staleButRight} ${text}`;
}
