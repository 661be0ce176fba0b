import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import type { Explanation, ExplorerModel } from "../../src/engine/engine.ts";
import { htmlReport, type ReportContent } from "../../src/page/report/html-report.ts";

const hostile = `</td><script>alert("x")</script>&'`;
const volume = { data: Float32Array.of(-1, 2), shape: [1, 1, 2], affine: identityAffine } as const;

const model: ExplorerModel = {
  name: hostile,
  kind: "onnx",
  task: "classification",
  facts: [{ label: hostile, value: hostile }],
  classes: [hostile, "AD"],
  networks: [],
  layers: [],
  ...{ hasParts: false, preprocessing: undefined, outputGrid: undefined },
};
const explanation: Explanation = {
  image: { id: "1", name: hostile, trueClass: hostile },
  request: {
    network: { fold: 0, foldName: "fold-0", selection: hostile },
    method: hostile,
    options: { [hostile]: hostile },
    target: 0,
  },
  prediction: { probabilities: [0.25, 0.75], predictedClass: 1 },
  map: volume,
  anatomy: volume,
  isPlaced: false,
  stored: { dtype: "float32", dims: [1, 1, 1, 2], data: volume.data },
  relativeDelta: 0.0123,
  seconds: 1.25,
  kernelUses: [],
  warnings: [hostile],
  mapWarnings: [],
};
const content: ReportContent = {
  title: hostile,
  model,
  explanations: [explanation],
  pictures: [{ dataUrl: "data:image/png;base64,iVBORw0KGgo=", caption: hostile }],
  versions: { [hostile]: hostile },
  provenance: { [hostile]: hostile },
  created: new Date("2026-01-02T03:04:05Z"),
};

describe("a report", () => {
  it("shows whatever text it is given as text", () => {
    const html = htmlReport(content);
    expect(html).not.toContain("<script");
    expect(html.replaceAll("'none'", "").replaceAll("'unsafe-inline'", "")).not.toContain("'");
    const shown = html.match(/&lt;\/td&gt;&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt;&amp;&#39;/g);
    // Title 2, caption 2, model 3, versions 2, provenance 2; of the image 9: heading, true class, probability, class,
    // method, option 2, network, note.
    expect(shown?.length).toBe(20);
  });

  it("needs nothing from elsewhere, and says so to the browser", () => {
    const html = htmlReport(content);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/https?:|src="(?!data:)|href=|@import|url\(/);
  });

  it("has the prediction, the method and the error of the map's sum", () => {
    const html = htmlReport(content);
    for (const part of ["0.7500", "1.23 %", "fold 0", "-1.000 to 2.000", "2026-01-02 03:04"]) {
      expect(html).toContain(part);
    }
  });

  it.each([
    [true, "<td>143</td>"],
    [false, "143; the tolerance was not reached"],
  ])(
    "says how many passes a refined map took, and whether it reached the tolerance: %s",
    (converged, text) => {
      const refined = { ...explanation, refinement: { passes: 143, converged } };
      expect(htmlReport({ ...content, explanations: [refined] })).toContain(text);
      expect(htmlReport(content)).not.toContain("Passes");
    },
  );

  it.each(["https://example.org/a.png", 'data:image/png;base64,AA" onerror="x', "data:text/html,x"])(
    "refuses a picture that is no PNG data URL: %s",
    (dataUrl) => {
      expect(() => htmlReport({ ...content, pictures: [{ dataUrl, caption: "planes" }] })).toThrow(
        /no PNG data URL/,
      );
    },
  );
});
