/**
 * Texts that try to break the format, for property tests.
 *
 * @module
 */
import fc from "fast-check";

/** Texts made of the format's own pieces. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "<variable",
        "</variable>",
        '<variable name="x">',
        "<variable-2>",
        "</variable-2>",
        "<VALUE>",
        "</value>",
        "<reasoning>",
      ),
      fc.constantFrom(
        "</reasoning>",
        "<unchanged/>",
        "<",
        ">",
        "-",
        "-2",
        "/",
        '"',
        "```",
        "\n",
        "\r\n",
        " ",
        "\t",
        "# Feedback",
        "&lt;",
        "\0",
      ),
      // Behind a tab or a line break they look like commands of LaTeX.
      fc.constantFrom("\taa", "\times", "\nabla", "\rho", "\\", "\\tau", "\\d"),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((pieces) => pieces.join(""));
