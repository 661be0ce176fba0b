import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { interpretModel, resultIn, table, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/onnx/${name}`, import.meta.url));
const refined = (...options: string[]) => [
  ...["--method", "integrated-gradients", "--method_options"],
  ...["steps=3", ...options],
];
const missed = (maps: number, passes: number) =>
  `${maps} of ${maps} ${maps === 1 ? "map" : "maps"} did not reach the tolerance within ${passes} passes: ` +
  "allow more max_passes, or a larger tolerance";
const warningsIn = (result: string): string[] =>
  JSON.parse(readFileSync(join(result, "provenance.json"), "utf8")).warnings;

describe("integrated gradients with a tolerance", () => {
  it.each(["group", "individual"] as const)(
    "at %s level, predictions.tsv says how many passes each map took, and that it reached the tolerance",
    async (level) => {
      const options = refined("tolerance=0.05", "max_passes=2000");
      const { status, errors } = await interpretModel(folder.path, level, "atlas", "x", ...options);
      expect(status).toBe(0);
      expect(errors).not.toContain("did not reach the tolerance");
      const rows = table(join(resultIn(folder.path, "x"), "predictions.tsv"));
      expect(rows.length).toBeGreaterThan(1);
      for (const { passes, tolerance_reached, completeness_delta } of rows) {
        // Three points whose thirds are seen, and both ends.
        expect(Number(passes)).toBeGreaterThanOrEqual(5);
        expect(tolerance_reached).toBe("yes");
        expect(Number.isFinite(Number(completeness_delta))).toBe(true);
      }
    },
  );

  it("that is missed within max_passes, is said for each map, in a warning and in provenance.json", async () => {
    const options = refined("tolerance=1e-9", "max_passes=8");
    const { status, errors } = await interpretModel(folder.path, "group", "atlas", "x", ...options);
    expect(status).toBe(0);
    const result = resultIn(folder.path, "x");
    const rows = table(join(result, "predictions.tsv"));
    expect(rows.map(({ tolerance_reached }) => tolerance_reached)).toEqual(rows.map(() => "no"));
    expect(rows.map(({ passes }) => passes)).toEqual(rows.map(() => "8"));
    expect(errors).toContain(`warning: ${missed(rows.length, 8)}`);
    expect(warningsIn(result)).toContain(missed(rows.length, 8));
  });

  it("is recorded for each part of an image", async () => {
    const options = refined("tolerance=1e-9", "max_passes=8");
    const { errors } = await interpretModel(folder.path, "group", "patch", "x", ...options);
    const result = resultIn(folder.path, "x");
    const parts = table(join(result, "patch_predictions.tsv"));
    for (const { passes, tolerance_reached } of parts) {
      expect([passes, tolerance_reached]).toEqual(["8", "no"]);
    }
    expect(errors).toContain(missed(parts.length, 8));
    expect(table(join(result, "predictions.tsv"))[0]).not.toHaveProperty("passes");
  });

  it("is recorded by explain, too", async () => {
    const out = join(folder.path, "out");
    const explain = (...options: string[]) =>
      voxplain(
        ...[
          "explain",
          fixture("volume.onnx"),
          fixture("volume.npy"),
          "--use_cpu",
          "--threads",
          "1",
          "--output_dir",
          out,
        ],
        ...["--overwrite", ...refined(...options)],
      );
    const enough = await explain("tolerance=0.05", "max_passes=2000");
    expect(enough.errors).not.toContain("tolerance");
    const [row] = table(join(out, "predictions.tsv"));
    expect(row).toMatchObject({ tolerance_reached: "yes" });
    const few = await explain("tolerance=1e-9", "max_passes=8");
    expect(few.status).toBe(0);
    expect(few.errors).toContain(missed(1, 8));
    expect(table(join(out, "predictions.tsv"))[0]).toMatchObject({ passes: "8", tolerance_reached: "no" });
  });

  it("leaves no such columns where there is none", async () => {
    await interpretModel(folder.path, "group", "atlas", "x", ...refined());
    const [row] = table(join(resultIn(folder.path, "x"), "predictions.tsv"));
    expect(row).toHaveProperty("completeness_delta");
    expect(row).not.toHaveProperty("passes");
    expect(row).not.toHaveProperty("tolerance_reached");
  });

  it.each([
    [["tolerance=0"], /tolerance/],
    [["tolerance=0.05", "max_passes=4"], /max_passes must be at least 5 with tolerance/],
    [
      ["rule=secant"],
      /"secant" is not a value of "rule": expected one of riemann_middle, riemann_trapezoid, /,
    ],
  ])("is refused before anything runs with %j", async (options, message) => {
    const { status, errors } = await interpretModel(
      folder.path,
      "group",
      "atlas",
      "x",
      ...refined(...options),
    );
    expect(status).toBe(2);
    expect(errors).toMatch(message);
  });
});
