// What a test does in the page with text or a file, made there so that megabytes need not travel.

/** Gives the page `start`, `unit` repeated `times` and `end` in one of these ways, and returns how long that and the verdict took. */
export const GIVE = `async ({ way, selector = "#body", start = "", unit, times, end = "" }) => {
  const text = start + unit.repeat(times) + end;
  // Not when the page first looks at it.
  text.charCodeAt(text.length - 1);
  const files = new DataTransfer();
  files.items.add(new File([text], "given.json"));
  const field = document.querySelector(selector);
  field.focus();
  const beats = window.beats = { longest: 0, isOn: true };
  (async () => {
    for (let last = performance.now(); beats.isOn; ) {
      await new Promise((resolve) => setTimeout(resolve));
      const time = performance.now();
      beats.longest = Math.max(beats.longest, time - last);
      last = time;
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 100));
  beats.longest = 0;
  const begun = performance.now();
  const fire = (type, more) => field.dispatchEvent(Object.assign(new Event(type, { bubbles: true, cancelable: true }), more));
  if (way === "chosen") {
    field.files = files.files;
    fire("change");
  } else if (way === "dropped") fire("drop", { dataTransfer: files });
  else {
    const clipboardData = { files: [], getData: () => text };
    if (fire("paste", { clipboardData })) document.execCommand("insertText", false, text);
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - begun;
}`;

/** Ends the measurement: the longest time for which the page did nothing else, in milliseconds. */
export function longestPause(tab) {
  return tab.evaluate(() => {
    window.beats.isOn = false;
    return window.beats.longest;
  });
}

/** Pastes text as a browser does: into the field, unless the page takes it. */
export function paste(tab, selector, text) {
  return tab.evaluate(GIVE, { way: "pasted", selector, unit: text, times: 1 });
}
