import { readBidsFolder } from "@voxplain/caps-io";
import { describe, expect, it } from "vitest";
import { dataset, errorOf, problems } from "./dataset.ts";

const t1w = (...sessions: readonly string[]) =>
  sessions.map((session) => {
    const [sub = "", ses] = session.split("_");
    return `${sub}/${ses === undefined ? "" : `${ses}/`}anat/${session}_T1w.nii.gz`;
  });
const rows = (...lines: readonly string[]) => `${lines.join("\n")}\n`;
const tsv = (...lines: readonly string[]) => rows(...lines.map((line) => line.replaceAll(" ", "\t")));

describe("participants.tsv and sessions.tsv", () => {
  it("are joined by participant and session, whatever their order, in the order of the folders", async () => {
    const source = dataset(t1w("sub-02_ses-M00", "sub-01_ses-M12", "sub-01_ses-M00"), {
      "participants.tsv": tsv("age participant_id sex", "70 sub-02 F", "80 sub-01 M"),
      "sub-01/sub-01_sessions.tsv": tsv("session_id diagnosis", "ses-M12 AD", "ses-M00 CN"),
      "sub-02/sub-02_sessions.tsv": tsv("session_id diagnosis MMSE", "ses-M00 n/a 29"),
    });
    const { columns, images } = await readBidsFolder(source, {});
    expect(columns).toEqual(["participant_id", "session_id", "age", "sex", "diagnosis", "MMSE"]);
    expect(images.map(({ session }) => session)).toEqual([
      {
        name: "sub-01 ses-M00",
        participantId: "sub-01",
        sessionId: "ses-M00",
        diagnosis: "CN",
        cohort: "single",
        row: {
          participant_id: "sub-01",
          session_id: "ses-M00",
          age: "80",
          sex: "M",
          diagnosis: "CN",
          MMSE: "n/a",
        },
      },
      expect.objectContaining({ name: "sub-01 ses-M12", diagnosis: "AD" }),
      expect.objectContaining({ name: "sub-02 ses-M00", diagnosis: "" }),
    ]);
  });

  it("may leave out sub- and ses-", async () => {
    const source = dataset(t1w("sub-01_ses-M00"), {
      "participants.tsv": tsv("participant_id sex", "01 F"),
      "sub-01/sub-01_sessions.tsv": tsv("session_id diagnosis", "M00 AD"),
    });
    const { images, notes } = await readBidsFolder(source, {});
    expect(images[0]?.session.row).toEqual({
      participant_id: "sub-01",
      session_id: "ses-M00",
      sex: "F",
      diagnosis: "AD",
    });
    expect(notes).toEqual([]);
  });

  it("are not joined by number: rows that lost their zeros are named", async () => {
    const source = dataset(t1w("sub-0050772", "sub-01_ses-M00"), {
      "participants.tsv": tsv("participant_id diagnosis", "50772 AD", "sub-1 CN"),
      "sub-01/sub-01_sessions.tsv": tsv("session_id age", "M0 70"),
    });
    const { images, notes } = await readBidsFolder(source, {});
    expect(images.map(({ session }) => [session.diagnosis, session.row.age])).toEqual([
      ["", "n/a"],
      ["", "n/a"],
    ]);
    expect(notes).toEqual([
      "rows of participants.tsv that are not named as the folders; identifiers are compared as text (2): " +
        "sub-50772 in line 2, whose folder is sub-0050772, sub-1 in line 3, whose folder is sub-01",
      "participants without a row in participants.tsv (2): sub-0050772, sub-01",
      "rows of sessions.tsv that are not named as the folders; identifiers are compared as text (1): " +
        "sub-01 ses-M0, whose folder is ses-M00",
      "sessions without a row in sessions.tsv (1): sub-01 ses-M00",
    ]);
  });

  it("have a column in both: that of the session is used, also where it is n/a", async () => {
    const source = dataset(t1w("sub-01_ses-M00", "sub-01_ses-M12", "sub-01_ses-M24", "sub-02_ses-M00"), {
      "participants.tsv": tsv("participant_id diagnosis", "sub-01 MCI", "sub-02 CN"),
      "sub-01/sub-01_sessions.tsv": tsv("session_id diagnosis", "ses-M00 CN", "ses-M12 n/a"),
    });
    const { images, notes } = await readBidsFolder(source, {});
    expect(images.map(({ session }) => [session.name, session.diagnosis])).toEqual([
      ["sub-01 ses-M00", "CN"],
      ["sub-01 ses-M12", ""],
      ["sub-01 ses-M24", "MCI"],
      ["sub-02 ses-M00", "CN"],
    ]);
    expect(notes).toEqual([
      "diagnosis: in participants.tsv and in sessions.tsv, whose values are used",
      "sessions without a row in sessions.tsv (1): sub-01 ses-M24",
    ]);
  });

  it("name participants and sessions without an image, and participants without a row", async () => {
    const source = dataset([...t1w("sub-01_ses-M00", "sub-02"), "sub-03/func/sub-03_task-rest_bold.nii.gz"], {
      "participants.tsv": tsv("participant_id sex", "sub-04 F", "sub-01 M", "sub-03 F"),
      "sub-01/sub-01_sessions.tsv": tsv("session_id age", "ses-M00 70", "ses-M12 71"),
    });
    const {
      images,
      notes,
      failures,
      problems: wrong,
    } = await readBidsFolder(source, { filters: ["suffix=T1w"] });
    expect(images.map(({ session }) => session.name)).toEqual(["sub-01 ses-M00", "sub-02"]);
    expect(notes).toEqual([
      "participants without a row in participants.tsv (1): sub-02",
      "participants without an image of suffix=T1w (2): sub-03, sub-04",
      "sessions of sessions.tsv without an image (1): sub-01 ses-M12",
    ]);
    expect([failures, wrong]).toEqual([[], []]);
  });

  it("name the first ten and count the others", async () => {
    const all = Array.from({ length: 12 }, (_, k) => `sub-${k + 10}`);
    const source = dataset(t1w("sub-01"), { "participants.tsv": tsv("participant_id", "sub-01", ...all) });
    const { notes } = await readBidsFolder(source, {});
    expect(notes).toEqual([`participants without an image (12): ${all.slice(0, 10).join(", ")} and 2 more`]);
  });

  it.each([
    ["participants.tsv", tsv("participant_id", "sub-01", "sub-02", "sub-01"), "sub-01 in lines 2 and 4"],
    ["participants.tsv", tsv("participant_id", "01", "sub-01"), "sub-01 in lines 2 and 3"],
    ["sub-01/sub-01_sessions.tsv", tsv("session_id", "M00", "ses-M00"), "ses-M00 in lines 2 and 3"],
  ])("are refused where one is there twice: %s", async (path, table, where) => {
    const list = await readBidsFolder(dataset(t1w("sub-01_ses-M00"), { [path]: table }), {});
    expect(problems(list)).toEqual([
      expect.stringMatching(new RegExp(`^/data/study/${path}: it has several rows of one .*found ${where}$`)),
    ]);
  });

  it("may be one table of participants and sessions", async () => {
    const source = dataset(t1w("sub-01_ses-M00", "sub-01_ses-M12"), {
      "participants.tsv": tsv("participant_id session_id diagnosis", "sub-01 M12 AD", "sub-01 M00 CN"),
    });
    const { images, columns } = await readBidsFolder(source, {});
    expect(images.map(({ session }) => session.diagnosis)).toEqual(["CN", "AD"]);
    expect(columns).toEqual(["participant_id", "session_id", "diagnosis"]);
  });

  it("may be missing", async () => {
    const { columns, images, notes } = await readBidsFolder(dataset(t1w("sub-01")), {});
    expect(columns).toEqual(["participant_id", "session_id"]);
    expect(images[0]?.session).toMatchObject({
      name: "sub-01",
      sessionId: "",
      diagnosis: "",
      row: { participant_id: "sub-01", session_id: "n/a" },
    });
    expect(notes).toEqual([]);
  });

  it("that cannot be read are named together", async () => {
    const sessions = ["sub-01_ses-1", "sub-02_ses-1", "sub-03_ses-1"];
    const pointer = "/annex/objects/MD5E-s5--0123.tsv\n";
    const source = dataset(t1w(...sessions), {
      "participants.tsv": tsv("id", "sub-01"),
      "sub-01/sub-01_sessions.tsv": pointer,
      "sub-02/sub-02_sessions.tsv": pointer,
      "sub-03/sub-03_sessions.tsv": tsv("session_id age", "ses-1"),
    });
    const messages = problems(await readBidsFolder(source, {}));
    expect(messages).toEqual([
      '/data/study/participants.tsv: it has no column "participant_id": found id',
      "/data/study: 2 tables: it is not fetched: git-annex has its content elsewhere: " +
        "found sub-01/sub-01_sessions.tsv, sub-02/sub-02_sessions.tsv; " +
        'run "datalad get sub-*/*_sessions.tsv" in /data/study',
      expect.stringMatching(/^\/data\/study\/sub-03\/sub-03_sessions.tsv: line 2/),
    ]);
  });

  it("have rows without a participant, which are named", async () => {
    const table = rows("participant_id\tage", "sub-01\t70", "n/a\t71", "\t72");
    const { notes } = await readBidsFolder(dataset(t1w("sub-01"), { "participants.tsv": table }), {});
    expect(notes).toEqual(["rows of participants.tsv without a participant_id (2): line 3, line 4"]);
  });
});

describe("the column of the labels", () => {
  const source = dataset(t1w("sub-01_ses-M00"), {
    "participants.tsv": tsv("participant_id Group", "sub-01 patient"),
    "sub-01/sub-01_sessions.tsv": tsv("session_id stage", "ses-M00 late"),
  });

  it.each([
    ["Group", "patient"],
    ["group", "patient"],
    ["stage", "late"],
  ])("may be in either table: %s", async (label, value) => {
    const { images } = await readBidsFolder(source, { label });
    expect(images[0]?.session.diagnosis).toBe(value);
  });

  it("that is not there is refused with those that are", async () => {
    const error = await errorOf(source, { label: "dx" });
    expect(error.code).toBe("invalid-argument");
    expect(error.message).toBe(
      '/data/study: no table of the dataset has a column "dx" (--label): found "participant_id", "session_id", "Group", "stage"',
    );
  });
});

it("a label column that may be in a table that is not fetched is not said to be missing", async () => {
  const source = dataset(t1w("sub-01"), { "participants.tsv": "/annex/objects/MD5E-s5--0123.tsv\n" });
  const list = await readBidsFolder(source, { label: "dx" });
  expect(problems(list)).toEqual([expect.stringContaining("it is not fetched")]);
  expect(list.labelsOfProblems).toBe("unknown");
});

describe("a derivative without participants.tsv", () => {
  const images = t1w("sub-01_ses-M00", "sub-02_ses-M00");
  const outer = dataset([], {
    "participants.tsv": tsv("participant_id sex", "sub-01 F", "sub-02 M", "sub-03 M"),
    "sub-01/sub-01_sessions.tsv": tsv("session_id diagnosis", "ses-M00 AD"),
  });

  it("takes the tables of the dataset that it is in, and says so", async () => {
    const derivative = dataset(images, {}, "/data/study/derivatives/mine");
    const list = await readBidsFolder(derivative, { enclosing: async () => outer });
    expect(list.images.map(({ session }) => [session.row.sex, session.diagnosis])).toEqual([
      ["F", "AD"],
      ["M", ""],
    ]);
    expect(list.notes).toEqual([
      "/data/study/derivatives/mine has no participants.tsv: the tables of /data/study, which it is in, are used",
      "participants without an image (1): sub-03",
    ]);
  });

  it("has its own where it has one", async () => {
    const derivative = dataset(images, { "participants.tsv": tsv("participant_id sex", "sub-01 X") });
    const list = await readBidsFolder(derivative, { enclosing: async () => outer });
    expect(list.images.map(({ session }) => session.row.sex)).toEqual(["X", "n/a"]);
  });

  it("does without where it is in no dataset", async () => {
    const list = await readBidsFolder(dataset(images), { enclosing: async () => undefined });
    expect(list.columns).toEqual(["participant_id", "session_id"]);
  });
});
