import { render } from "preact";
import { follow } from "./state/link.js";
import { Page } from "./view/page.js";

export function show(): void {
  follow();
  render(<Page />, document.getElementById("page") as HTMLElement);
}
