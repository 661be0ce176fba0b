import { expect, it } from "vitest";
import { figureOf, svgFigure } from "../../src/viewer/figure.ts";

it("an SVG of a map shows a name with markup and control characters as text that any program can read", () => {
  const title = "sub-<script>alert(1)</script> & \u001b[2J\u202e\u0000";
  const legend = {
    ...{ from: 0, goesBelow: false, to: 1, goesAbove: false, weak: "" },
    stops: [{ at: 0, colour: [0, 0, 0], opacity: 1 }],
  } as const;
  const words = { titles: [title, "ses-M00"], note: "", marks: [], legend };
  const svg = svgFigure("data:image/png;base64,", figureOf({ width: 1000, height: 100 }, words));
  expect(svg).toContain("sub-&lt;script&gt;alert(1)&lt;/script&gt; &amp; \\u001b[2J\\u202e\\u0000</text>");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML may not have them
  expect(svg).not.toMatch(/[\0-\x08\x0b-\x1f\u202e]/);
});
