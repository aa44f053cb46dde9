import { render } from "preact";
import { follow } from "./state/link.js";
import "./style.css";
import { Page } from "./view/page.js";

follow();
render(<Page />, document.getElementById("page") as HTMLElement);
