// `--pictures summary`: the mean map, and the five sessions whose maps resemble the others least.
import { memoryFiles } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { recordedFiles, writeSummaryPictures } from "@voxplain/results";
import { encodeNiftiGz } from "@voxplain/writers";
import { expect, it } from "vitest";

const shape = [4, 4, 4] as const;
const affine = [
  [2, 0, 0, -4],
  [0, 2, 0, -4],
  [0, 0, 2, -4],
  [0, 0, 0, 1],
] as const;

/** A map of eight sessions: the share of noise grows with their number. */
function mapOf(k: number): Float32Array {
  return Float32Array.from(
    { length: 64 },
    (_, v) => Math.sin(v) + (k / 4) * Math.sin((v + 1) * (k + 2) * 7.7),
  );
}

/** Pearson's correlation with the mean of the others, each divided by the mean of its |m|. */
function correlationsOf(maps: readonly Float32Array[]): number[] {
  const scaled = maps.map((map) => {
    const size = map.reduce((sum, value) => sum + Math.abs(value), 0) / map.length;
    return [...map].map((value) => value / size);
  });
  return maps.map((map, k) => {
    const others = [...map].map((_, v) =>
      scaled.reduce((sum, one, n) => sum + (n === k ? 0 : (one[v] ?? 0)), 0),
    );
    const centred = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    };
    const [a, b] = [centred([...map]), centred(others)];
    const dot = (x: readonly number[], y: readonly number[]) =>
      x.reduce((sum, value, v) => sum + value * (y[v] ?? 0), 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  });
}

async function written(maps: readonly (Float32Array | undefined)[], under = true) {
  const files = memoryFiles(undefined, "result");
  const sessions = [];
  for (const [k, data] of maps.entries()) {
    const folder = `sub-${k}/ses-M00/`;
    await files.write(
      `${folder}map.nii.gz`,
      await encodeNiftiGz(
        { data: data ?? new Float32Array(27), shape: data ? shape : [3, 3, 3], affine },
        gzipInPool,
      ),
    );
    if (under) await files.write(`${folder}map.under`, new Uint8Array(64).fill(1).fill(200, 20));
    const session = {
      name: `sub-${k} ses-M00`,
      participantId: `sub-${k}`,
      sessionId: "ses-M00",
      diagnosis: "AD",
      cohort: "single",
      row: {},
    };
    sessions.push({ session, files: [`${folder}map.nii.gz`, `${folder}map.npy`] });
  }
  const recorded = recordedFiles(files);
  const reasons: string[] = [];
  await writeSummaryPictures(recorded, {
    source: files,
    sessions,
    name: "x",
    vmax: 0.5,
    onNoMean: (reason) => reasons.push(reason),
  });
  return { reasons, drawn: recorded.outputs.map(({ file }) => file) };
}

const maps = Array.from({ length: 8 }, (_, k) => mapOf(k));

it("draws the mean map and the five sessions of the lowest correlation with the others", async () => {
  const correlations = correlationsOf(maps);
  const lowest = [...correlations.keys()]
    .sort((a, b) => (correlations[a] ?? 0) - (correlations[b] ?? 0))
    .slice(0, 5);
  const { drawn } = await written(maps);
  expect(drawn).toEqual(["map.png", ...lowest.map((k) => `sub-${k}/ses-M00/map.png`)]);
  expect(lowest).not.toContain(0);
});

it("leaves out a map that is constant, which resembles no other", async () => {
  const { drawn } = await written([...maps.slice(0, 3), new Float32Array(64).fill(2)]);
  expect(drawn).toHaveLength(4);
  expect(drawn).not.toContain("sub-3/ses-M00/map.png");
});

it("draws nothing where maps have no mean, and says why", async () => {
  const { drawn, reasons } = await written([maps[0], undefined]);
  expect(drawn).toEqual([]);
  expect(reasons).toEqual([expect.stringMatching(/64.*27|27.*64/)]);
});
