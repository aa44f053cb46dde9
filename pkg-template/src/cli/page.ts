import { parse } from "./arguments.js";
import { manifest } from "./manifest.js";
import { COMMAND, json, line } from "./output.js";

export const PAGE = `\
${COMMAND} page

Prints where to download the signing page: one HTML file that verifies,
explains and signs deliveries in your browser, and opens no connection.

  --json   {"version", "url", "sha256Url"}
`;

export async function page(words: string[]): Promise<number> {
  const { json: isJson } = parse(words, {});
  const { version, repository } = manifest();
  const url = `${repository.url.replace(/^git\+|\.git$/g, "")}/releases/download/v${version}/signing-page.html`;
  const sha256Url = `${url}.sha256`;
  if (isJson) json({ version, url, sha256Url });
  else
    line(`Download the signing page, check it, and open it:

  curl -fLO ${url}
  curl -fLO ${sha256Url}
  sha256sum -c signing-page.html.sha256   # on macOS: shasum -a 256 -c`);
  return 0;
}
