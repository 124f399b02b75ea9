/**
 * What elements in TSX become; `scripts/build-page.ts` puts these names into every file.
 *
 * @module
 */
export { Fragment, h } from "preact";
