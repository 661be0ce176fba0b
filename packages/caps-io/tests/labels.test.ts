import { readLabels, readTrainingLabels, readUnlabelled } from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";

async function files(content: Record<string, string>) {
  const store = memoryFiles(undefined, "labels");
  for (const [path, text] of Object.entries(content)) await store.write(path, new TextEncoder().encode(text));
  return store;
}

const rows = (...sessions: string[]) =>
  ["participant_id\tsession_id\tage", ...sessions.map((session) => `${session}\t70.0`), ""].join("\n");
const AD = { diagnosis: "AD", baseline: false };

describe("a label list", () => {
  it("is the TSV of its diagnosis, in its order, with every column as it stands there", async () => {
    const source = await files({
      "AD.tsv": rows("sub-02\tses-M12", "sub-01\tses-M00"),
      "CN.tsv": rows("sub-03\tses-M00"),
    });
    const { columns, sessions, file } = await readLabels(source, "", AD);
    expect(columns).toEqual(["participant_id", "session_id", "age"]);
    expect(file).toBe("AD.tsv");
    expect(sessions).toEqual([
      {
        name: "sub-02 ses-M12",
        participantId: "sub-02",
        sessionId: "ses-M12",
        diagnosis: "AD",
        cohort: "single",
        row: { participant_id: "sub-02", session_id: "ses-M12", age: "70.0" },
      },
      expect.objectContaining({ participantId: "sub-01" }),
    ]);
  });

  it("is the baseline list where that is asked for", async () => {
    const source = await files({
      "AD.tsv": rows("sub-01\tses-M00"),
      "AD_baseline.tsv": rows("sub-09\tses-M00"),
    });
    const { sessions } = await readLabels(source, "", { diagnosis: "AD", baseline: true });
    expect(sessions.map(({ participantId }) => participantId)).toEqual(["sub-09"]);
  });

  it("can be one TSV of several diagnoses", async () => {
    const text = "participant_id\tsession_id\tdiagnosis\nsub-01\tses-M00\tCN\nsub-02\tses-M00\tAD\n";
    const { sessions } = await readLabels(await files({ "all.tsv": text }), "all.tsv", AD);
    expect(sessions.map(({ participantId, diagnosis }) => [participantId, diagnosis])).toEqual([
      ["sub-02", "AD"],
    ]);
  });

  it("may have a byte order mark, CRLF, blank lines and quotes", async () => {
    const text = '\uFEFFparticipant_id\tsession_id\tnote\r\nsub-01\tses-M00\t"a\tb"\r\n\r\n';
    const { sessions } = await readLabels(await files({ "AD.tsv": text }), "", AD);
    expect(sessions[0]!.row.note).toBe("a\tb");
    expect(sessions).toHaveLength(1);
  });

  const lines = [
    ["participant_id", "session_id", "site"],
    ["sub-01", "ses-M00", "Köln"],
    ["sub-02", "ses-M12", "Würzburg"],
  ];
  const joined = (separator: string, ends = "\n") =>
    lines.map((cells) => cells.join(separator) + ends).join("");
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const utf16 = (text: string) => new Uint8Array(Buffer.from(text, "utf16le"));
  it.each<[string, Uint8Array]>([
    ["tabs", utf8(joined("\t"))],
    ["semicolons, CRLF and a byte order mark (Excel, CSV UTF-8)", utf8(`\uFEFF${joined(";", "\r\n")}`)],
    ["commas, every cell quoted (LibreOffice)", utf8(joined('","').replace(/^.+$/gm, '"$&"'))],
    ["UTF-16 (Excel, Unicode text)", utf16(`\uFEFF${joined("\t", "\r\n")}`)],
    [
      "UTF-16 of the other byte order",
      new Uint8Array(Buffer.from(`\uFEFF${joined("\t")}`, "utf16le").swap16()),
    ],
    ["UTF-16 without a byte order mark", utf16(joined("\t"))],
    ["Latin-1 (Excel, CSV)", new Uint8Array(Buffer.from(joined(";", "\r\n"), "latin1"))],
    ["CR (Excel of old Macs)", utf8(joined("\t", "\r"))],
    ["a first line that declares the separator", utf8(`sep=;\r\n${joined(";", "\r\n")}`)],
    ["no-break and other spaces around its cells", utf8(joined(" \t\u00a0").replaceAll("\n", " \u200b\n"))],
    ["empty columns and rows at its end", utf8(`${joined(";", ";;\r\n")};;;;\r\n`)],
  ])("may be saved with %s", async (_, bytes) => {
    const source = memoryFiles(new Map([["AD.tsv", bytes]]), "labels");
    const { columns, sessions } = await readLabels(source, "", AD);
    expect(columns).toEqual(lines[0]);
    expect(sessions.map(({ row }) => Object.values(row))).toEqual(lines.slice(1));
  });

  it("may end in .csv or .txt, unless there is one that ends in .tsv", async () => {
    const text = "session_id;participant_id\nses-M00;sub-02\n";
    for (const name of ["AD.csv", "AD.txt"]) {
      const { sessions, file } = await readLabels(await files({ [name]: text }), "", AD);
      expect(file).toBe(name);
      expect(sessions.map(({ participantId }) => participantId)).toEqual(["sub-02"]);
    }
    const both = await files({ "AD.csv": text, "AD.tsv": rows("sub-01\tses-M00") });
    expect((await readLabels(both, "", AD)).file).toBe("AD.tsv");
  });

  it("may be one table with the ending .csv", async () => {
    const text = "diagnosis;session_id;participant_id\nAD;ses-M00;sub-02\nCN;ses-M00;sub-01\n";
    const { sessions } = await readLabels(await files({ "all.csv": text }), "all.csv", AD);
    expect(sessions.map(({ participantId }) => participantId)).toEqual(["sub-02"]);
  });

  it.each([
    ["bytes of 0", `${rows("sub-01\tses-M00")}\0\0`, "bytes of 0; is it a text file?"],
    ["ten megabytes in a line", "a\t".repeat(5e6), "more than 10000 columns"],
    ["ten megabytes of spaces", `participant_id\t${" ".repeat(1e7)}x`, "lists no session"],
    ["ten megabytes of line breaks", "\n".repeat(1e7), "more than 500000 lines"],
    ["ten megabytes of quotation marks", '"'.repeat(1e7), "labels/AD.tsv"],
  ])("is refused within two seconds with %s", async (_, text, message) => {
    const source = await files({ "AD.tsv": text });
    const started = process.cpuUsage();
    await expect(readLabels(source, "", AD)).rejects.toThrow(message);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(2);
  });

  it.each([
    ["no such list", { "CN.tsv": rows() }, "there is no label list labels/AD.tsv; there is CN.tsv"],
    ["an empty file", { "AD.tsv": "\n" }, "labels/AD.tsv: it is empty"],
    [
      "no participant_id",
      { "AD.tsv": "subject\tsession_id\nsub-01\tses-M00\n" },
      'labels/AD.tsv: it has no column "participant_id": found "subject", "session_id"',
    ],
    [
      "a short row",
      { "AD.tsv": "participant_id\tsession_id\nsub-01\n" },
      "labels/AD.tsv: line 2 does not have as many fields as the header: expected 2, found 1",
    ],
    [
      "a session twice",
      { "AD.tsv": rows("sub-01\tses-M00", "sub-01\tses-M12", "sub-01\tses-M00") },
      "labels/AD.tsv, line 4: sub-01 ses-M00 is in line 2 already",
    ],
    ["an empty ID", { "AD.tsv": rows("\tses-M00") }, "labels/AD.tsv, line 2: the participant_id is empty"],
    [
      "a quotation mark that is not closed",
      { "AD.tsv": `${rows('"sub-01\tses-M00')}${rows("sub-02\tses-M00")}` },
      "labels/AD.tsv: line 2: a quotation mark is opened and not closed there",
    ],
    [
      "text behind a quotation mark that closes",
      { "AD.tsv": rows('"sub"-01\tses-M00') },
      'labels/AD.tsv: line 2: a quotation mark is opened and not closed there, or text follows the closing one; write a quotation mark inside of others twice ("")',
    ],
    [
      "a quotation mark that is closed in another row",
      { "AD.tsv": 'participant_id\tsession_id\nsub-01\t"ses-M00\nsub-02\tses-M00\nsub-03\tses-M00"\n' },
      "labels/AD.tsv: line 2: a quotation mark is opened and not closed there",
    ],
    ["no session", { "AD.tsv": rows() }, "labels/AD.tsv: it lists no session"],
    [
      "a table of all diagnoses in its place",
      { "test.tsv": rows() },
      "there is no label list labels/AD.tsv; there is test.tsv; give a table with the column diagnosis itself (--tsv_path labels/test.tsv)",
    ],
    ["no folder", {}, "there is no label list labels/AD.tsv; there are no tables (.tsv, .csv, .txt)"],
    ["a column twice", { "AD.tsv": "participant_id\tsession_id\tage\tage\n" }, 'two columns "age"'],
  ])("is refused with %s", async (_, content, message) => {
    await expect(readLabels(await files(content as Record<string, string>), "", AD)).rejects.toThrow(message);
  });

  it.each([
    ...["../sub-01", "/etc", "..", "a/b", "a\\b"].map((id) => [id, "it would lead to another folder"]),
    ["sub\u0001-01", "it has characters that cannot be seen"],
  ])("refuses %j as a participant: %s", async (id, why) => {
    await expect(readLabels(await files({ "AD.tsv": rows(`${id}\tses-M00`) }), "", AD)).rejects.toThrow(
      `cannot be a participant_id: ${why}`,
    );
  });

  it("of several diagnoses says which there are", async () => {
    const text = "participant_id\tsession_id\tdiagnosis\nsub-01\tses-M00\tCN\n";
    await expect(readLabels(await files({ "all.tsv": text }), "all.tsv", AD)).rejects.toThrow(
      "labels/all.tsv: it lists no session with the diagnosis AD: found CN",
    );
    await expect(
      readLabels(await files({ "all.tsv": rows("sub-01\tses-M00") }), "all.tsv", AD),
    ).rejects.toThrow('has no column "diagnosis"');
  });
});

describe("a label folder of ClinicaDL 1.x", () => {
  const table = "participant_id\tsession_id\tdiagnosis\nsub-01\tses-M000\tCN\nsub-02\tses-M000\tAD\n";

  it.each(["labels.tsv", "train.tsv"])("has the sessions of every diagnosis in %s", async (name) => {
    const { sessions, file } = await readLabels(await files({ [`lists/${name}`]: table }), "lists", AD);
    expect(file).toBe(`lists/${name}`);
    expect(sessions.map(({ participantId }) => participantId)).toEqual(["sub-02"]);
  });

  it("is read by its baseline table where that is asked for", async () => {
    const source = await files({
      "train.tsv": table,
      "train_baseline.tsv": table.replace("sub-02", "sub-09"),
    });
    const { sessions } = await readLabels(source, "", { ...AD, baseline: true });
    expect(sessions.map(({ participantId }) => participantId)).toEqual(["sub-09"]);
  });

  it("may have a list of one diagnosis, which comes first", async () => {
    const source = await files({ "labels.tsv": table, "AD.tsv": rows("sub-07\tses-M000") });
    expect((await readLabels(source, "", AD)).file).toBe("AD.tsv");
  });

  it("says which diagnoses there are where the one that is wanted is not", async () => {
    const source = await files({ "labels.tsv": table });
    await expect(readLabels(source, "", { ...AD, diagnosis: "MCI" })).rejects.toThrow(
      "labels/labels.tsv: it lists no session with the diagnosis MCI: found CN, AD",
    );
  });

  it("may have no diagnoses: every session is given", async () => {
    const source = await files({ "lists/train.tsv": rows("sub-01\tses-M000", "sub-02\tses-M000") });
    expect((await readUnlabelled(source, "lists"))?.sessions).toHaveLength(2);
    expect(await readUnlabelled(await files({ "AD.tsv": rows() }), "")).toBeUndefined();
    expect(await readUnlabelled(await files({ "labels.tsv": table }), "")).toBeUndefined();
  });
});

describe("the training list of a fold", () => {
  const query = { ...AD, splitCount: 5, fold: 3 };

  it("is that of its split", async () => {
    const source = await files({
      "train_splits-5/split-3/AD.tsv": rows("sub-05\tses-M00"),
      "AD.tsv": rows("sub-01\tses-M00"),
    });
    expect((await readTrainingLabels(source, "", query)).file).toBe("train_splits-5/split-3/AD.tsv");
  });

  it("without splits is that of train/", async () => {
    const source = await files({ "train/AD.tsv": rows("sub-05\tses-M00") });
    expect((await readTrainingLabels(source, "", { ...query, splitCount: 0 })).file).toBe("train/AD.tsv");
  });

  it("that is nowhere is an error with every place", async () => {
    const source = await files({ "labels/CN.tsv": rows("sub-01\tses-M00") });
    await expect(readTrainingLabels(source, "labels", query)).rejects.toThrow(
      "no label list labels/labels/train_splits-5/split-3/AD.tsv nor labels/labels/AD.tsv; there is CN.tsv",
    );
    await expect(readTrainingLabels(source, "lists", query)).rejects.toThrow("there is no folder lists");
  });

  it("is the baseline list of its split where that is asked for", async () => {
    const source = await files({ "train_splits-5/split-3/AD_baseline.tsv": rows("sub-05\tses-M00") });
    const { file } = await readTrainingLabels(source, "", { ...query, baseline: true });
    expect(file).toBe("train_splits-5/split-3/AD_baseline.tsv");
  });

  it("is that of the diagnosis where training left none", async () => {
    const source = await files({ "AD.tsv": rows("sub-01\tses-M00") });
    expect((await readTrainingLabels(source, "", query)).file).toBe("AD.tsv");
  });
});

describe("a TSV without diagnoses", () => {
  it("gives every session, in its order, the diagnosis unknown", async () => {
    const source = await files({
      "new.tsv": "participant_id\tsession_id\tage\nsub-02\tses-M00\t61\nsub-01\tses-M00\t60\n",
    });
    const list = await readUnlabelled(source, "new.tsv");
    expect(list?.columns).toEqual(["participant_id", "session_id", "age"]);
    expect(list?.sessions.map(({ participantId, diagnosis }) => [participantId, diagnosis])).toEqual([
      ["sub-02", ""],
      ["sub-01", ""],
    ]);
  });

  it("is none where it has the column", async () => {
    const source = await files({ "one.tsv": "participant_id\tsession_id\tdiagnosis\n" });
    expect(await readUnlabelled(source, "one.tsv")).toBeUndefined();
  });

  it.each([
    ["lists no session", "participant_id\tsession_id\n", "new.tsv: it lists no session"],
    ["lacks a column", "participant_id\tvisit\nsub-01\t1\n", 'new.tsv: it has no column "session_id"'],
    ["repeats a session", rows("sub-01\tses-M00", "sub-01\tses-M00"), "sub-01 ses-M00 is in line 2 already"],
  ])("that %s is refused as another list", async (_, text, message) => {
    const source = await files({ "new.tsv": text });
    await expect(readUnlabelled(source, "new.tsv")).rejects.toThrow(message);
  });
});
