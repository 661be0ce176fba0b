import { type CohortQuery, locateSessions, readCohorts } from "@voxplain/caps-io";
import { isVoxplainError, memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { imagePath, partCaps, partFixture } from "./part-fixtures.ts";

const capsTable = "cohort\tpath\nADNI\t/data/adni\nAIBL\t/data/aibl\nOASIS\t/data/oasis\n";
const labelTable =
  "cohort\tpath\tdiagnoses\nAIBL\t/lists/aibl\tAD,CN\nOASIS\t/lists/oasis\tCN\nADNI\t/lists/adni.tsv\tAD, MCI\n";
const lists = {
  "aibl/AD.tsv": "participant_id\tsession_id\tage\nsub-1\tses-M00\t70\nsub-2\tses-M00\t71\n",
  "aibl/AD_baseline.tsv": "participant_id\tsession_id\tage\nsub-2\tses-M00\t71\n",
  "aibl/train_splits-5/split-2/AD.tsv": "participant_id\tsession_id\tage\nsub-9\tses-M00\t79\n",
  "oasis/CN.tsv": "participant_id\tsession_id\nsub-7\tses-M00\n",
  "adni.tsv":
    "participant_id\tsession_id\tdiagnosis\tsex\nsub-1\tses-M00\tAD\tF\nsub-3\tses-M06\tMCI\tM\nsub-4\tses-M06\tAD\tM\n",
};

const AD: CohortQuery = { diagnosis: "AD", baseline: false };

async function filesOf(content: Readonly<Record<string, string>>, name: string) {
  const files = memoryFiles(undefined, name);
  for (const [path, text] of Object.entries(content)) await files.write(path, new TextEncoder().encode(text));
  return files;
}

async function read(query = AD, tables: { caps?: string; labels?: string } = {}) {
  const source = await filesOf(
    { "caps.tsv": tables.caps ?? capsTable, "labels.tsv": tables.labels ?? labelTable },
    "/study",
  );
  const labels = await filesOf(lists, "/lists");
  return readCohorts(
    {
      caps: { source, below: "caps.tsv" },
      labels: { source, below: "labels.tsv" },
      openCaps: (path) => memoryFiles(undefined, path),
      openLabels: (path) => ({ source: labels, below: path.replace("/lists/", "") }),
    },
    query,
  );
}

describe("several cohorts", () => {
  it("give the sessions of all that have the diagnosis, in the order of the table", async () => {
    const { sessions, columns, files } = await read();
    expect(
      sessions.map(({ cohort, participantId, sessionId }) => [cohort, participantId, sessionId]),
    ).toEqual([
      ["AIBL", "sub-1", "ses-M00"],
      ["AIBL", "sub-2", "ses-M00"],
      ["ADNI", "sub-1", "ses-M00"],
      ["ADNI", "sub-4", "ses-M06"],
    ]);
    expect(columns).toEqual(["participant_id", "session_id", "age", "diagnosis", "sex", "cohort"]);
    expect(sessions[0]!.row).toEqual({
      participant_id: "sub-1",
      session_id: "ses-M00",
      age: "70",
      diagnosis: "",
      sex: "",
      cohort: "AIBL",
    });
    expect(files).toEqual([
      { cohort: "AIBL", file: "/lists/aibl/AD.tsv" },
      { cohort: "ADNI", file: "/lists/adni.tsv" },
    ]);
  });

  it("know the CAPS of each session, and all of them in the order of their table", async () => {
    const { sessions, capsOf, caps } = await read();
    expect(caps.map(({ name }) => name)).toEqual(["/data/adni", "/data/aibl"]);
    expect(sessions.map((session) => capsOf(session).name)).toEqual([
      "/data/aibl",
      "/data/aibl",
      "/data/adni",
      "/data/adni",
    ]);
  });

  it("are read by their baseline lists and by those of a training, too", async () => {
    const baseline = await read({ ...AD, baseline: true });
    expect(baseline.files[0]).toEqual({ cohort: "AIBL", file: "/lists/aibl/AD_baseline.tsv" });
    const training = await read({ ...AD, training: { splitCount: 5, fold: 2 } });
    expect(training.sessions.map(({ participantId }) => participantId)).toEqual(["sub-9", "sub-1", "sub-4"]);
  });

  it("may have a CAPS that no label list needs, and spaces around their names", async () => {
    const labels = "cohort\tpath\tdiagnoses\n ADNI\t/lists/adni.tsv \tAD\n";
    expect((await read(AD, { labels })).sessions).toHaveLength(2);
  });

  it("look for each image in the CAPS of its own cohort", async () => {
    const { sessions } = await read();
    const aibl = await partCaps({});
    const adni = await partCaps({ [imagePath]: partFixture("image.pt") });
    const { found, failures } = await locateSessions(
      sessions.filter(({ participantId }) => participantId === "sub-1"),
      {
        images: { preprocessing: "t1-linear" },
        settings: { mode: "image" },
        capsOf: ({ cohort }) => (cohort === "ADNI" ? adni : aibl),
      },
    );
    expect(found.map(({ session, source }) => [session.cohort, source === adni])).toEqual([["ADNI", true]]);
    expect(failures.map(({ session }) => session.cohort)).toEqual(["AIBL"]);
  });

  const header = "cohort\tpath\tdiagnoses\n";
  it.each([
    [{ caps: "cohort\tfolder\nADNI\t/data\n" }, "invalid-file", /caps\.tsv: it has no column "path"/],
    [{ labels: "cohort\tpath\nADNI\t/lists\n" }, "invalid-file", /labels\.tsv: it has no column "diagnoses"/],
    [
      { caps: `${capsTable}AIBL\t/data/other\n` },
      "invalid-file",
      /caps\.tsv, line 5: the cohort "AIBL" is in line 3/,
    ],
    [
      { labels: `${header}A\t/x\tAD\nA\t/y\tCN\n` },
      "invalid-file",
      /labels\.tsv, line 3: the cohort "A" is in line 2/,
    ],
    [
      { labels: `${header}ABIL\t/x\tAD\n` },
      "invalid-file",
      /line 2: the cohort "ABIL" is not in \/study\/caps\.tsv, which has ADNI, AIBL, OASIS/,
    ],
    [
      { caps: "cohort\tpath\nADNI\t/data/adni\n" },
      "invalid-file",
      /the cohort "AIBL" is not in \/study\/caps\.tsv/,
    ],
    [
      { labels: `${header}OASIS\t/lists/oasis\tCN\n` },
      "not-found",
      /there is no cohort with the diagnosis: expected AD, found CN/,
    ],
    [{ labels: `${header}ADNI\t\tAD\n` }, "invalid-file", /labels\.tsv, line 2: the path is empty/],
    [{ labels: header }, "not-found", /labels\.tsv: it lists no cohort/],
    [
      { labels: `${header}OASIS\t/lists/oasis\tAD\n` },
      "not-found",
      /labels\.tsv, line 2: there is no label list/,
    ],
  ] as const)("are refused where a table is wrong: %j", async (tables, code, message) => {
    const failure = await read(AD, tables).catch((error: unknown) => error);
    expect(isVoxplainError(failure, code), String(failure)).toBe(true);
    expect(String(failure)).toMatch(message);
  });

  it("may not list a session twice in one of them", async () => {
    lists["aibl/AD.tsv"] += "sub-1\tses-M00\t70\n";
    await expect(read()).rejects.toThrow(
      /labels\.tsv, line 2: .*AD\.tsv, line 4: sub-1 ses-M00 is in line 2 already/,
    );
  });
});
