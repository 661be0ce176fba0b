import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { drawnExplanation } from "../../src/page/drawn-explanation.ts";
import { reportOf, type Shown } from "../../src/page/report/report-of.ts";
import { toyExplanation, toyModel } from "./toy-explanation.ts";

const hostile = `</td><script>alert("x")</script>&'`;
const versions = { "ONNX Runtime": "1.30.0", Kernels: "on" };
const picture = new Blob([Uint8Array.of(137, 80, 78, 71)], { type: "image/png" });

function shown(explanation = toyExplanation, model = toyModel): Shown {
  return {
    drawn: drawnExplanation(explanation, model),
    explained: { explanation, model, versions },
    picture,
  };
}

async function report(...all: readonly Shown[]): Promise<string> {
  return new TextDecoder().decode(await reportOf(all, { encode: async () => Uint8Array.of(6) }));
}

const sha256 = (...bytes: readonly number[]) =>
  createHash("sha256").update(Uint8Array.from(bytes)).digest("hex");

describe("the report of a map", () => {
  it("has prediction, method with its paper, digests of model, image and map, and the versions", async () => {
    const html = await report(shown());
    for (const part of [
      ...["75.0 %", "completeness missed by", "-1.23 %", "-1.000 to 2.000", "the logit of AD", "1.30.0"],
      ...["Integrated gradients", "Sundararajan", "0.1.0"],
      ...[sha256(1, 2, 3), sha256(4, 5), sha256(6)],
    ]) {
      expect(html).toContain(part);
    }
    expect(html).toContain("Identifiers come from the names of files and from tables");
    expect(html).not.toContain("--no_identifiers");
  });

  it("has a paragraph for a paper, and the command that repeats the map", async () => {
    const html = await report(shown());
    expect(html).toMatch(
      /A saliency map of the logit of AD of a neural network was computed for 1 session of 1 participant by integrated gradients \(Sundararajan[^<]* The network is network\.onnx\./,
    );
    expect(html).toContain(
      "voxplain explain data/network.onnx data/a.npy --use_cpu --method integrated-gradients --target 1 --output_dir a_integrated-gradients_class-1",
    );
  });

  it("writes the table of a session before the command, on one line", async () => {
    const [file] = toyExplanation.sources.images;
    if (file === undefined) throw new Error("the toy has an image");
    const images = [{ ...file, from: { kind: "caps", path: "caps" } as const }];
    const html = await report(shown({ ...toyExplanation, sources: { ...toyExplanation.sources, images } }));
    expect(html).toMatch(/printf &#39;participant_id.*\.tsv &amp;&amp; voxplain interpret individual data/);
  });

  it("shows whatever text it is given as text", async () => {
    const explanation = {
      ...toyExplanation,
      image: { id: "1", name: hostile, trueClass: hostile },
      warnings: [hostile],
    };
    const model = {
      ...toyModel,
      name: hostile,
      classes: [hostile, hostile],
      facts: [{ label: hostile, value: hostile }],
    };
    const html = await report(shown(explanation, model));
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
  });

  it("needs nothing from elsewhere, and says so to the browser", async () => {
    const html = await report(shown());
    expect(html).toContain("default-src &#39;none&#39;");
    expect(html).not.toMatch(/src="(?!data:)|@import|url\(/);
  });

  it.each([
    [true, "143<"],
    [false, "143; the tolerance was not reached"],
  ])(
    "says how many passes a refined map took, and whether it reached the tolerance: %s",
    async (converged, text) => {
      const refined = { ...toyExplanation, refinement: { passes: 143, converged } };
      expect(await report(shown(refined))).toContain(text);
      expect(await report(shown())).not.toContain("143");
    },
  );

  it("is of the two maps that are compared, of different models too", async () => {
    const html = await report(shown(), shown(toyExplanation, { ...toyModel, name: "other.onnx" }));
    expect(html).toContain('id="result-2"');
    expect(html).toContain("other.onnx");
  });
});
