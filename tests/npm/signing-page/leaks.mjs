import assert from "node:assert/strict";

/** What the tab asked for after the page itself; a `data:` address holds its own answer, a `blob:` is the page's worker. */
export function requests(tab) {
  return tab.requests.slice(1).filter((url) => !/^(data|blob):/.test(url));
}

/** Fails if the tab has asked for anything but the page, broken its policy, or failed. */
export async function assertSilent(tab) {
  assert.deepEqual(requests(tab), [], "requests");
  assert.deepEqual(await tab.evaluate(() => window.violations), [], "violations of the policy");
  assert.deepEqual(tab.errors, [], "errors");
}

/** Fails if a secret is anywhere but in its field, and in places where it is meant to be visible. */
export async function assertSecretsStay(tab, secrets, visible = []) {
  // Until the address has been written.
  await new Promise((resolve) => setTimeout(resolve, 400));
  const places = await tab.evaluate(() => ({
    address: decodeURIComponent(location.href),
    body: atob((new URLSearchParams(location.hash.slice(1)).get("body") ?? "").replace(/ /g, "+")),
    title: document.title,
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]),
    attributes: [...document.querySelectorAll("*")]
      .flatMap((element) => [...element.attributes].map(({ value }) => value))
      .join("\n"),
    text: document.body.textContent,
  }));
  for (const [place, text] of Object.entries(places)) {
    if (visible.includes(place)) continue;
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret is in the ${place}`);
  }
}
