import { WINDOW_SECONDS } from "../core/verdict.js";
import { language, words } from "../state/page.js";
import { now, verdict } from "../state/verify.js";
import { ageSentence } from "./age-sentence.js";

const [WIDTH, HEIGHT] = [400, 24];

/** When it was signed, on a line with the window around the receiver's clock. */
export function Age() {
  const { age, clock } = words.value;
  const { time } = verdict.value;
  const seconds = time === null ? null : now.value - time;
  return (
    <section class="card">
      <h2>{age.title}</h2>
      <p class="age">{seconds === null ? age.none : ageSentence(seconds)}</p>
      <div>
        <Line seconds={seconds} />
        <p class="scale" aria-hidden="true">
          <span>{age.earlier}</span>
          <span>{clock.label}</span>
          <span>{age.later}</span>
        </p>
      </div>
      <p class="unseen">{age.window}</p>
    </section>
  );
}

/** The window takes the middle half; beyond it the scale is logarithmic. Time runs as the language does. */
function Line({ seconds }: { seconds: number | null }) {
  const isMirrored = language.value === "ar";
  const x = (offset: number) => (isMirrored ? WIDTH - at(offset) : at(offset));
  const isInside = seconds !== null && Math.abs(seconds) <= WINDOW_SECONDS;
  return (
    <svg class="line" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect class="track" x="0" y="9" width={WIDTH} height="6" rx="3" />
      <rect class="window" x={WIDTH / 4} y="9" width={WIDTH / 2} height="6" />
      <path class="edges" d={`M${WIDTH / 4} 4v16M${(3 * WIDTH) / 4} 4v16`} />
      <path class="now" d={`M${WIDTH / 2} 1v22`} />
      {seconds !== null && <circle class={isInside ? "inside" : "outside"} cx={x(-seconds)} cy="12" r="7" />}
    </svg>
  );
}

function at(offset: number): number {
  const quarter = WIDTH / 4;
  const size = Math.abs(offset);
  const within = (size / WINDOW_SECONDS) * quarter;
  const beyond = quarter + Math.min(1, Math.log10(size / WINDOW_SECONDS) / 5) * (quarter - 10);
  return WIDTH / 2 + Math.sign(offset) * (size <= WINDOW_SECONDS ? within : beyond);
}
