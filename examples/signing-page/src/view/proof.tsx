import { words } from "../state/page.js";

/** The policy that this file carries: what the browser obeys, not what the page says of itself. */
const POLICY = document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]')?.content ?? "";

/** How a reader who trusts nobody checks that nothing leaves the page. */
export function Proof() {
  const { proof } = words.value;
  return (
    <footer>
      <details class="proof">
        <summary>{proof.title}</summary>
        <ol>
          <li>{proof.offline}</li>
          <li>{proof.network}</li>
          <li>
            {proof.policy}
            <pre class="message" dir="ltr">
              <code>{POLICY.replace(/; /g, ";\n")}</code>
            </pre>
          </li>
          <li>
            {proof.hash}
            <pre class="message" dir="ltr">
              <code>sha256sum signing-page.html</code>
            </pre>
          </li>
        </ol>
      </details>
    </footer>
  );
}
