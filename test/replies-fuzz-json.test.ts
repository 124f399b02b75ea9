/** Damaged and whole replies in the format `json`, in a file of their own: both cores can read some. */
import { describe } from "vitest";
import { describeReplies } from "./support/damaged-replies.ts";

describe("replies as json", () => describeReplies("json"));
