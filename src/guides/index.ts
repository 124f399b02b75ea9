/**
 * Guides: what scores answers and says why.
 *
 * @module
 */
export { Guide, type GuideContext, type GuideFunction, type GuideLike, toGuide } from "./guide.ts";
