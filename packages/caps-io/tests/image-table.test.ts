import { type ImageList, type ImageTableOptions, readImageTable } from "@voxplain/caps-io";
import { isVoxplainError, memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";

const scans = ["images/a.nii.gz", "images/scan of b, repeated.nii", "images/c.npy", "images/d.pt"];

/** Reads `study/table.csv`, beside the scans. */
async function read(table: string | Uint8Array, options?: ImageTableOptions): Promise<ImageList> {
  const bytes = typeof table === "string" ? new TextEncoder().encode(table) : table;
  const files = new Map<string, Uint8Array>(scans.map((path) => [`study/${path}`, new Uint8Array(40_000)]));
  const source = memoryFiles(files.set("study/table.csv", bytes), "/data");
  return readImageTable({ source, below: "study/table.csv" }, options);
}

const messageOf = async (reading: Promise<unknown>) => {
  const error = await reading.catch((thrown: unknown) => thrown);
  expect(isVoxplainError(error), String(error)).toBe(true);
  return (error as Error).message;
};
const places = ({ images }: ImageList) =>
  images.map(({ session, place }) => [session.name, place.source.name, place.below]);
const messages = (errors: readonly Error[]) => errors.map(({ message }) => message);

const rows = [
  ["participant_id", "session_id", "age", "diagnosis", "image"],
  ["sub-001", "ses-M00", "71,5", "AD", "images/a.nii.gz"],
  ["sub-002", "ses-M00", "68,0", "n/a", "images/scan of b, repeated.nii"],
  ["sub-003", "ses-M12", "80,2", "CN", "./images/c.npy"],
];
const joined = (separator: string, ends = "\n") => rows.map((row) => row.join(separator) + ends).join("");
const quoted = rows.map((row) => `${row.map((field) => `"${field}"`).join(",")}\n`).join("");
const utf16 = (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, "utf16le"));

describe("a table of images", () => {
  it.each<[string, string | Uint8Array]>([
    ["tabs", joined("\t")],
    [
      "semicolons, CRLF, a byte order mark and decimal commas (Excel)",
      `\uFEFF${joined(";", "\r\n")};;;;\r\n`,
    ],
    ["commas and quotation marks around every field (LibreOffice)", quoted],
    ["UTF-16 (Excel, Unicode text)", utf16(joined("\t", "\r\n"))],
    ["UTF-16 of the other byte order", new Uint8Array(Buffer.from(utf16(joined("\t"))).swap16())],
    ["a first line that declares the separator", `sep=;\r\n${joined(";", "\r\n")}`],
    ["empty rows in front of the header", `;;;;\r\n\r\n${joined(";", "\r\n")}`],
    [
      "names of columns in capitals",
      joined("\t").replace("participant_id", "Participant_ID").replace("image", "PATH"),
    ],
  ])("may be saved with %s", async (_, table) => {
    const list = await read(table);
    expect(places(list)).toEqual([
      ["sub-001 ses-M00", "/data", "study/images/a.nii.gz"],
      ["sub-002 ses-M00", "/data", "study/images/scan of b, repeated.nii"],
      ["sub-003 ses-M12", "/data", "study/images/c.npy"],
    ]);
    expect(list.images.map(({ session }) => [session.diagnosis, session.row.age])).toEqual([
      ["AD", "71,5"],
      ["", "68,0"],
      ["CN", "80,2"],
    ]);
    expect([list.failures, list.problems, list.notes]).toEqual([[], [], []]);
  });

  it("keeps its columns, in their order, and identifiers as text", async () => {
    const { columns, images } = await read("Image,age,participant_id,site\nimages/a.nii.gz,1e5,001,\n");
    expect(columns).toEqual(["image", "age", "participant_id", "site"]);
    expect(images[0]!.session).toEqual({
      name: "001",
      participantId: "001",
      sessionId: "",
      diagnosis: "",
      cohort: "single",
      row: { image: "images/a.nii.gz", age: "1e5", participant_id: "001", site: "" },
    });
  });

  it("takes the labels from the column that is asked for, whatever its case", async () => {
    const table = "participant_id,Group,path\n01,patient,images/a.nii.gz\n02,n/a,images/c.npy\n";
    const { columns, images } = await read(table, { label: "group" });
    expect(columns).toEqual(["participant_id", "group", "path"]);
    expect(images.map(({ session }) => session.diagnosis)).toEqual(["patient", ""]);
    expect(await messageOf(read(table, { label: "diagnosis" }))).toBe(
      '/data/study/table.csv: it has no column "diagnosis" (--label): found "participant_id", "Group", "path"',
    );
  });

  it("may have columns of the names that every object has", async () => {
    const table = "participant_id,image,__proto__,constructor\n01,images/a.nii.gz,x,\n";
    const { columns, images } = await read(table, { label: "__proto__" });
    expect(columns).toEqual(["participant_id", "image", "__proto__", "constructor"]);
    expect(images[0]!.session.diagnosis).toBe("x");
    expect(await messageOf(read("participant_id,image\n01,a.nii\n", { label: "constructor" }))).toMatch(
      /no column "constructor"/,
    );
  });

  it("may name participants of several cohorts, who are other people in each", async () => {
    const { images, problems } = await read(
      "cohort,participant_id,image\nA,01,images/a.nii.gz\nB,01,images/c.npy\nn/a,01,images/d.pt\n",
    );
    expect(images.map(({ session }) => session.cohort)).toEqual(["A", "B", "single"]);
    expect(problems).toEqual([]);
  });

  it("may write the paths of Windows, and lead out of its own folder but not of the source", async () => {
    const list = await read(
      "participant_id,image\n01,images\\a.nii.gz\n02,..\\study\\images\\c.npy\n03,../../x.nii\n04,/data/d.pt\n",
    );
    expect(places(list).map(([, , path]) => path)).toEqual(["study/images/a.nii.gz", "study/images/c.npy"]);
    expect(messages(list.failures.map(({ error }) => error))).toEqual(
      ["03: ../../x.nii", "04: /data/d.pt"].map(
        (place) =>
          `${place}: the file is not in the folder that was opened: expected a path relative to /data/study/table.csv`,
      ),
    );
  });

  it.each([
    [
      "C:\\scans\\a.nii",
      "it is a path of Windows; on another system, write the path that the file has there",
    ],
    ["~/scans/a.nii", 'write the path of the home folder in place of "~"'],
    ["https://example.org/a.nii", "write a path, not an address"],
  ])("says what to write in place of %s", async (path, hint) => {
    const { failures } = await read(`participant_id,image\n01,${path}\n`);
    expect(failures[0]?.error.hint).toBe(hint);
  });

  it.each(["NFC", "NFD"])(
    "finds files whose accents are written in the other way of Unicode: %s",
    async (form) => {
      const name = "K\u00f6ln.nii.gz".normalize(form === "NFC" ? "NFD" : "NFC");
      const elsewhere = memoryFiles(new Map([[name, new Uint8Array(40_000)]]), "/elsewhere");
      const open = (path: string) => ({ source: elsewhere, below: path });
      const list = await read(`participant_id,image\n01,${name.normalize(form)}\n`, { open });
      expect(places(list)).toEqual([["01", "/elsewhere", name]]);
    },
  );

  it("may name files of anywhere where the caller opens them", async () => {
    const elsewhere = memoryFiles(new Map([["x.nii", new Uint8Array(40_000)]]), "/elsewhere");
    const open = (path: string) => ({ source: elsewhere, below: path.replace("/elsewhere/", "") });
    expect(places(await read("participant_id,image\n01,/elsewhere/x.nii\n", { open }))).toEqual([
      ["01", "/elsewhere", "x.nii"],
    ]);
  });
});

it("ten thousand rows are read and their files found within two seconds", async () => {
  const numbers = Array.from({ length: 10_000 }, (_, k) => k);
  const files = new Map(numbers.map((k) => [`images/${k}.nii.gz`, new Uint8Array(8)]));
  const table = numbers.map((k) => `sub-${k};ses-M00;71,5;F;AD;"x ""y"" z";images/${k}.nii.gz\r\n`).join("");
  const header = "participant_id;session_id;age;sex;diagnosis;site;image\r\n";
  files.set("table.csv", new TextEncoder().encode(header + table) as Uint8Array<ArrayBuffer>);
  const source = memoryFiles(files as Map<string, Uint8Array>, "/data");
  const started = process.cpuUsage();
  const { images } = await readImageTable({ source, below: "table.csv" });
  const { user, system } = process.cpuUsage(started);
  expect(images).toHaveLength(10_000);
  expect((user + system) / 1e6).toBeLessThan(2);
});

describe("what is wrong with one session", () => {
  it("is a failure with its session and file, and the others are read", async () => {
    const list = await read(
      [
        "participant_id,session_id,image",
        "01,M0,images/none.nii.gz",
        "02,M0,",
        "03,M0,N/A",
        "04,M0,images",
        "05,M0,table.csv",
        "06,M0,images/a.nii.gz",
      ].join("\n"),
    );
    expect(messages(list.failures.map(({ error }) => error))).toEqual([
      "01 M0: /data/study/images/none.nii.gz: there is no such file",
      "02 M0: /data/study/table.csv, line 3: no image is given",
      "03 M0: /data/study/table.csv, line 4: no image is given",
      "04 M0: /data/study/images: it is a folder: expected an image file",
      expect.stringMatching(/^05 M0: \/data\/study\/table\.csv is not a supported image/),
    ]);
    expect(places(list)).toEqual([["06 M0", "/data", "study/images/a.nii.gz"]]);
  });
});

describe("what is wrong with the table", () => {
  it("is two images of one session: a problem with both, and with all that are named twice", async () => {
    const { problems, images } = await read(
      [
        "participant_id,session_id,image,age",
        "01,M0,images/a.nii.gz,70",
        "01,M0,images/c.npy,70",
        "02,M0,images/d.pt,70",
        "02,M0,images/d.pt,71",
        "03,M0,,",
        "03,M0,images/d.pt,",
      ].join("\n"),
    );
    expect(messages(problems)).toEqual([
      "/data/study/table.csv: several images of one session (2 times): found 01 M0 (lines 2 and 3: images/a.nii.gz and images/c.npy), 03 M0 (lines 6 and 7: no image and images/d.pt)",
      "/data/study/table.csv: several rows of one session, which differ in other columns: found 02 M0 (lines 4 and 5: age)",
    ]);
    expect(images).toHaveLength(2);
  });

  it("is a participant twice where there are no sessions", async () => {
    const { problems } = await read("participant_id,image\n01,images/a.nii.gz\n01,images/c.npy\n");
    expect(problems[0]!.hint).toBe("if they are several visits, number them in a column session_id");
  });

  it("is an ID that cannot be the name of a folder; all of them are named with their lines", async () => {
    const { problems } = await read(
      "participant_id,image\n../x,images/a.nii.gz\n,images/a.nii.gz\n../x,images/c.npy\n\nn/a,images/d.pt\n",
    );
    expect(messages(problems)).toEqual([
      '/data/study/table.csv, lines 2, 4: "../x" cannot be a participant_id: it would lead to another folder',
      "/data/study/table.csv, lines 3, 6: the participant_id is empty",
    ]);
  });

  it("is an ID that is longer than the name of a folder can be", async () => {
    const { problems } = await read(`participant_id,image\n${"x".repeat(256)},images/a.nii.gz\n`);
    expect(messages(problems)[0]).toMatch(
      /the participant_id has more than 255 characters, and no folder can have such a name$/,
    );
  });

  it.each(["\u001b[2J", "\u0085", "\u202egnp", "1\u200b1"])(
    "is an ID with characters that are not seen: %j",
    async (id) => {
      const { problems } = await read(`participant_id,image\nx${id}x,images/a.nii.gz\n`);
      expect(messages(problems)[0]).toMatch(
        /cannot be a participant_id: it has characters that cannot be seen$/,
      );
    },
  );

  it.each([
    [
      "no participant_id",
      "subject,image\n01,a.nii\n",
      'it has no column "participant_id": found "subject", "image"',
    ],
    [
      "no image",
      "participant_id,session_id\n01,M0\n",
      'it has no column "image" (or "path") with the file of each image: found "participant_id", "session_id"; a list of sessions without files belongs to a CAPS',
    ],
    [
      "image and path",
      "participant_id,image,path\n",
      'a column "image" and a column "path", which mean the same: found "participant_id", "image", "path"; remove or rename one',
    ],
    ["a column twice", "participant_id,image,image\n", 'it has two columns "image"'],
    [
      "a column in two cases",
      "participant_id,Participant_ID,image\n",
      "it has several columns that may be participant_id: participant_id and Participant_ID",
    ],
    [
      "a second image",
      "participant_id,image,image_2,image_3\n",
      '"image_2", "image_3" is reserved for further images of a session, which are not read yet',
    ],
    ["cohorts", "cohort,path\nA,a.tsv\n", "if it is a table of several cohorts, say so (--multi_cohort)"],
    ["no row", "participant_id,image\n", "it lists no image"],
    ["no text", "", "it is empty"],
    [
      "Windows-1252",
      new Uint8Array(Buffer.from("participant_id;image\n01;Köln.nii\n", "latin1")),
      'its text is neither UTF-8 nor UTF-16; it may be Windows-1252, as Excel saves "CSV": save it as "CSV UTF-8"',
    ],
  ])("is thrown where it has %s", async (_, table, message) => {
    expect(await messageOf(read(table))).toContain(message);
  });

  it.each([
    ["a workbook", [0x50, 0x4b, 3, 4], "it is a workbook (.xlsx, .ods) or another archive, not a text file"],
    [
      "a workbook of an older Excel",
      [0xd0, 0xcf, 0x11, 0xe0],
      "it is a workbook of an older Excel (.xls), not",
    ],
    ["gzip", [0x1f, 0x8b], "it is compressed (gzip), not a text file"],
    ["a table that is not fetched", [...Buffer.from("/annex/objects/MD5E-s1--x.tsv\n")], "it is not fetched"],
  ])("is thrown where it is %s", async (_, bytes, message) => {
    expect(await messageOf(read(new Uint8Array(bytes)))).toContain(message);
  });

  it("is thrown with everything that is wrong with its columns", async () => {
    const error = await read("image,path,image_2\n").catch((thrown: unknown) => thrown);
    expect(isVoxplainError(error) && error.problems?.length).toBe(3);
  });
});

describe("a sentence says", () => {
  it("which rows are repeated: they are used once", async () => {
    const { images, notes, problems } = await read(
      "participant_id,image\n01,images/a.nii.gz\n01,./images/a.nii.gz\n02,images/c.npy\n01,images/a.nii.gz\n",
    );
    expect(images).toHaveLength(2);
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      "/data/study/table.csv: rows that repeat another one are used once (2): line 3 (01), 5 (01)",
    ]);
  });

  it("which file is the image of several sessions", async () => {
    const { images, notes } = await read(
      "participant_id,image\n01,images/a.nii.gz\n02,images/a.nii.gz\n03,images/c.npy\n",
    );
    expect(images).toHaveLength(3);
    expect(notes).toEqual([
      "one file is the image of several sessions: /data/study/images/a.nii.gz (01, 02)",
    ]);
  });
});
