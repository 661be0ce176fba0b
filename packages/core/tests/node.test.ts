import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readText, VoxplainError } from "@voxplain/core";
import { directory, gzipInPool, openFile, writeFileAtomically } from "@voxplain/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "core-test-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a folder as source and sink", () => {
  it("lists what is there, through symbolic links too, and says which links lead nowhere", async () => {
    mkdirSync(join(root, "sub"));
    writeFileSync(join(root, "a.txt"), "a");
    symlinkSync(join(root, "sub"), join(root, "link"));
    symlinkSync(join(root, "nowhere"), join(root, "broken"));
    expect(await directory(root).list("")).toEqual([
      { name: "a.txt", kind: "file" },
      { name: "broken", kind: "link" },
      { name: "link", kind: "directory" },
      { name: "sub", kind: "directory" },
    ]);
  });

  it("says where a link points to, be its target there or not", async () => {
    writeFileSync(join(root, "file"), "");
    symlinkSync("../elsewhere/x", join(root, "broken"));
    symlinkSync("file", join(root, "whole"));
    const target = directory(root).linkTarget;
    expect(await target?.("broken")).toBe("../elsewhere/x");
    expect(await target?.("whole")).toBe("file");
    expect(await target?.("file")).toBeUndefined();
    expect(await target?.("missing")).toBeUndefined();
  });

  it("says undefined for what is missing", async () => {
    const source = directory(root);
    expect(await source.list("missing")).toBeUndefined();
    expect(await source.open("missing")).toBeUndefined();
    writeFileSync(join(root, "file"), "");
    expect(await source.open("file/below")).toBeUndefined();
    expect(await source.list("file")).toBeUndefined();
  });

  it("makes the folders a file needs and reads it back", async () => {
    const files = directory(root);
    await files.write("x/y/z.txt", bytes("deep"));
    expect(await readText(files, "x/y/z.txt")).toBe("deep");
    expect(readdirSync(join(root, "x/y"))).toEqual(["z.txt"]);
  });

  it("never reads or writes outside", async () => {
    await expect(directory(root).write("../escaped", bytes("x"))).rejects.toThrow("would leave its folder");
    await expect(directory(root).open("../../etc/passwd")).rejects.toThrow("would leave its folder");
  });
});

describe("a file read by ranges", () => {
  it("rejects when the file became shorter than it was", async () => {
    const path = join(root, "shrinking");
    writeFileSync(path, "0123456789");
    const reader = await openFile(path);
    truncateSync(path, 5);
    await expect(reader?.read(2, 6)).rejects.toThrow("the file ends at 5");
    expect(await reader?.read(2, 3)).toEqual(bytes("234"));
  });
});

describe("an atomic write", () => {
  it("replaces a file and leaves no temporary one", async () => {
    const path = join(root, "map.npy");
    writeFileSync(path, "old");
    await writeFileAtomically(path, bytes("new"));
    expect(readdirSync(root)).toEqual(["map.npy"]);
  });

  it("keeps the old file and leaves nothing when it fails", async () => {
    const path = join(root, "taken");
    mkdirSync(join(path, "inside"), { recursive: true });
    await expect(writeFileAtomically(path, bytes("x"))).rejects.toThrow(`cannot write ${path}`);
    expect(readdirSync(root)).toEqual(["taken"]);
  });

  it("takes pieces as they come, and passes their error on without leaving a file", async () => {
    async function* pieces(...texts: readonly string[]) {
      for (const text of texts) {
        if (text === "") throw new VoxplainError("invalid-file", "the source is cut short");
        yield bytes(text);
      }
    }
    await directory(root).write("whole", pieces("12", "345"));
    expect(readFileSync(join(root, "whole"), "utf8")).toBe("12345");
    await expect(directory(root).write("part", pieces("12", ""))).rejects.toThrow(
      /^the source is cut short$/,
    );
    expect(readdirSync(root)).toEqual(["whole"]);
  });

  it("says in words why the system refused", async () => {
    writeFileSync(join(root, "file"), "");
    await expect(writeFileAtomically(join(root, "file/below"), bytes("x"))).rejects.toThrow(
      "a part of the path is a file, not a folder",
    );
  });
});

it("gzip off the thread gives what gunzip takes", async () => {
  const data = new Uint8Array(100_000).map((_, k) => k % 251);
  expect(new Uint8Array(gunzipSync(await gzipInPool(data)))).toEqual(data);
});

it("a file with holes that no memory holds is refused by its name", async () => {
  const path = join(root, "holes.nii");
  writeFileSync(path, "");
  // A file system may have a smaller limit of its own.
  truncateSync(path, 2 ** 42);
  const file = await openFile(path);
  await expect(file?.read(0, 2 ** 42)).rejects.toThrow(
    `${path}: it does not fit into memory: found 4398046511104 bytes`,
  );
});
