import {
  blobReader,
  bytesReader,
  isVoxplainError,
  joinPath,
  memoryFiles,
  readFile,
  readText,
} from "@voxplain/core";
import { describe, expect, it } from "vitest";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("joinPath", () => {
  it("puts parts together and drops empty ones", () => {
    expect(joinPath("a/", "", "./b", "c/d")).toBe("a/b/c/d");
    expect(joinPath("")).toBe("");
  });

  it.each(["../a", "a/../../b", "/etc/passwd", "a/..", "a\0b", "a\\..\\b"])(
    "refuses %j, which would leave the root",
    (path) => {
      expect(() => joinPath("root", path)).toThrow(
        expect.objectContaining({ name: "VoxplainError", code: "unsafe-file" }),
      );
    },
  );
});

describe.each([
  ["bytes", () => bytesReader(bytes("0123456789"))],
  ["a Blob", () => blobReader(new Blob(["0123456789"]))],
])("a reader of %s", (_, make) => {
  it("gives exactly the range asked for", async () => {
    const reader = make();
    expect(reader.byteLength).toBe(10);
    expect(await reader.read(3, 4)).toEqual(bytes("3456"));
    expect(await reader.read(10, 0)).toEqual(bytes(""));
  });

  it.each([
    [8, 3],
    [-1, 2],
    [0, -1],
    [Number.NaN, 1],
  ])("rejects the range %d + %d, which is not inside", async (offset, length) => {
    const failure = await make()
      .read(offset, length)
      .catch((error: unknown) => error);
    expect(isVoxplainError(failure, "invalid-file")).toBe(true);
  });
});

describe("files in memory", () => {
  it("list folders and files by name", async () => {
    const files = memoryFiles();
    await files.write("b/x.txt", bytes("x"));
    await files.write("a.txt", bytes("a"));
    await files.write("b/c/y.txt", bytes("y"));
    expect(await files.list("")).toEqual([
      { name: "a.txt", kind: "file" },
      { name: "b", kind: "directory" },
    ]);
    expect(await files.list("b")).toEqual([
      { name: "c", kind: "directory" },
      { name: "x.txt", kind: "file" },
    ]);
    expect(await files.list("missing")).toBeUndefined();
  });

  it("keep a copy of what was written", async () => {
    const files = memoryFiles();
    const content = bytes("abc");
    await files.write("f", content);
    content[0] = 0;
    expect(await readText(files, "f")).toBe("abc");
  });

  it("join pieces that are written", async () => {
    const files = memoryFiles();
    await files.write(
      "f",
      (async function* () {
        yield bytes("ab");
        yield bytes("c");
      })(),
    );
    expect(await readText(files, "f")).toBe("abc");
  });

  it("name the file that is missing", async () => {
    await expect(readFile(memoryFiles(undefined, "store"), "no/such")).rejects.toThrow(
      "store/no/such: there is no such file",
    );
  });
});

it("a text of more than 256 MiB is refused without being read", async () => {
  const read = () => Promise.reject(new Error("must not be read"));
  const source = { ...memoryFiles(), open: async () => ({ byteLength: 2 ** 28 + 1, read }) };
  await expect(readText(source, "provenance.json")).rejects.toThrow(
    "memory/provenance.json: it is too large to be read as text: expected at most 268435456 bytes, found 268435457",
  );
});
