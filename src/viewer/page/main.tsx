/**
 * Starts the page.
 *
 * @module
 */
import { render } from "preact";
import { App } from "./app.tsx";
import { followAddress } from "./route.ts";
import { followTheme } from "./theme.ts";

followTheme();
followAddress();
const root = document.getElementById("page");
if (root !== null) render(<App />, root);
