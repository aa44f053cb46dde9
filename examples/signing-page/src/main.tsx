import { render } from "preact";
import { answer, isAside } from "./aside/lane.js";
import { follow } from "./state/link.js";
import "./style.css";
import { Page } from "./view/page.js";

if (isAside) answer();
else show();

function show(): void {
  follow();
  render(<Page />, document.getElementById("page") as HTMLElement);
}
