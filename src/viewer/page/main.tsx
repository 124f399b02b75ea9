/**
 * Starts the page.
 *
 * @module
 */
import { render } from "preact";
import { App } from "./app.tsx";
import { followAddress } from "./route.ts";
import { followTheme } from "./theme.ts";
import { takeToken } from "./token.ts";

takeToken();
followTheme();
followAddress();
const root = document.getElementById("page");
if (root !== null) render(<App />, root);
