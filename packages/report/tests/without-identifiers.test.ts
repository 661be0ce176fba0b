import { reportHtml, withoutIdentifiers } from "@voxplain/report";
import { describe, expect, it } from "vitest";
import { toyJob, toyReport } from "./toy-report.ts";

const numbered = (participants: readonly string[], sessions: readonly string[] = ["ses-M00", "ses-M12"]) =>
  withoutIdentifiers(toyReport([toyJob(participants)]), { participants, sessions });

describe("without identifiers", () => {
  it("participants are numbers everywhere: tables, paths, commands, warnings, captions", async () => {
    const html = await reportHtml(numbered(["sub-SIM001", "sub-SIM002"]));
    expect(html).not.toMatch(/SIM00[12]/i);
    expect(html).toContain("voxplain interpret individual /caps/participant-01/model AD");
    expect(html).toContain("participant-01 ses-M00: its map is weak");
    expect(html).toContain("The map of participant-02.");
    expect(html).toContain("Participants are numbered");
  });

  it("an identifier is found without its prefix, in capitals, and inside file names", () => {
    const report = toyReport([toyJob(["sub-SIM001", "sub-SIM0010"])]);
    const { title } = withoutIdentifiers(
      { ...report, title: "/SIM001/sub-sim0010_T1w SIM001_x xSIM001 SIM00100" },
      { participants: ["sub-SIM001", "sub-SIM0010"], sessions: [] },
    );
    expect(title).toBe("/participant-01/participant-02_T1w participant-01_x xSIM001 SIM00100");
  });

  it("numbers that look like an identifier stay numbers, and identifiers that are numbers do not stay", () => {
    const { results } = numbered(["1", "2"]);
    const [job] = results;
    expect(job).toMatchObject({
      predictions: { rows: [{ participant_id: "participant-01", true_label: "1" }, {}] },
    });
  });

  it("numbers of visits stay, and dates go", async () => {
    const report = toyReport([
      { ...toyJob(["sub-A"]), warnings: ["sub-A ses-M00", "sub-A ses-20190304", "20190304.nii"] },
    ]);
    const { results } = withoutIdentifiers(report, {
      participants: ["sub-A"],
      sessions: ["ses-M00", "ses-20190304"],
    });
    expect(results[0]?.warnings).toEqual([
      "participant-01 ses-M00",
      "participant-01 session-01",
      "session-01.nii",
    ]);
  });

  it("the digests of input files, which identify images, are left out", () => {
    const [job] = numbered(["sub-A", "sub-B"]).results;
    expect(job?.inputs).toEqual([]);
    expect(job?.outputs[0]?.file).toBe("participant-01/ses-M00/map.nii.gz");
  });

  it("an identifier with characters of regular expressions is replaced as it is written", async () => {
    const html = await reportHtml(numbered(["a.*(b", "sub-[c]"]));
    expect(html).not.toMatch(/a\.\*\(b|\[c\]/);
  });
});
