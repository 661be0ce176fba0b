import { basename, dirname, join } from "node:path";
import { directory } from "@voxplain/core/node";
import { nodeRuntime } from "@voxplain/runtime-node";
import { type Cohort, explainCohort, openCohort, openModel, plan } from "@voxplain/study";
import { modelAt } from "@voxplain/study/node";
import { describe, expect, it } from "vitest";
import { partFixtures } from "./part-fixtures.ts";

const caps = directory(join(partFixtures, "caps"));
const file = join(
  partFixtures,
  "caps/subjects/sub-02/ses-M00/t1_linear/sub-02_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz",
);

async function mapOf(model: string, cohort: Cohort) {
  const opened = await openModel(modelAt(join(partFixtures, "models", model)));
  const job = await plan(opened, cohort, { target: 1, voting: "uniform" });
  for await (const { session, map, affine, prediction } of explainCohort(job, {
    runtime: nodeRuntime({ executionProvider: "cpu" }),
  })) {
    return { session, map, affine, prediction };
  }
  throw new RangeError("there is one image");
}

describe("an image in a file of its own is cut into parts as in a CAPS, by a model of", () => {
  it.each(["patch", "roi", "slice"])("%s", async (model) => {
    const ids = { participantId: "sub-02", sessionId: "ses-M00" };
    const session = { ...ids, name: "sub-02 ses-M00", diagnosis: "AD", row: {}, cohort: "single" };
    const inCaps = await openCohort({ sessions: [session], capsOf: () => caps });
    const places = [{ source: directory(dirname(file)), below: basename(file) }];
    const loose = await openCohort({ images: places, masks: [caps] });
    const [expected, found] = [await mapOf(model, inCaps), await mapOf(model, loose)];
    expect({ ...found, session: undefined }).toEqual({ ...expected, session: undefined });
    expect(found.affine).toBeDefined();
    expect(found.session).toMatchObject({ name: basename(file), participantId: "" });
  });

  it("regions, and refused without their masks", async () => {
    const images = [{ source: directory(dirname(file)), below: basename(file) }];
    await expect(mapOf("roi", await openCohort({ images }))).rejects.toThrow(/mask/);
  });
});
