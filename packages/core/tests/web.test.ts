import { createServer, type Server } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import { type FileSource, isVoxplainError, readText } from "@voxplain/core";
import { droppedFiles, gzipInBrowser, httpFiles, openedFolder, pickedFiles } from "@voxplain/core/web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const file = (text: string, path: string) =>
  Object.assign(new File([text], path.split("/").at(-1)!), {
    webkitRelativePath: path.includes("/") ? path : "",
  });

async function tree(source: FileSource, folder = ""): Promise<string[]> {
  const entries = (await source.list(folder)) ?? [];
  const below = entries.map(async ({ name, kind }) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    return kind === "directory" ? [`${path}/`, ...(await tree(source, path))] : [path];
  });
  return (await Promise.all(below)).flat();
}

describe("picked files", () => {
  it("of one folder have the folder as root and name", async () => {
    const source = pickedFiles([file("{}", "model/commandline.json"), file("w", "model/fold-0/a.pt")]);
    expect(source.name).toBe("model");
    expect(await tree(source)).toEqual(["commandline.json", "fold-0/", "fold-0/a.pt"]);
    expect(await readText(source, "fold-0/a.pt")).toBe("w");
  });

  it("picked one by one are at the root", async () => {
    expect(await tree(pickedFiles([file("1", "b.nii"), file("2", "a.pt")]))).toEqual(["a.pt", "b.nii"]);
    expect(pickedFiles([file("1", "b.nii")]).name).toBe("b.nii");
  });

  it("distinguish a missing file from a wrong path", async () => {
    const source = pickedFiles([file("1", "folder/b.nii")]);
    expect(await source.open("c.nii")).toBeUndefined();
    expect(await source.list("c")).toBeUndefined();
    await expect(source.open("../b.nii")).rejects.toMatchObject({ code: "unsafe-file" });
    await expect((await source.open("b.nii"))!.read(0, 2)).rejects.toMatchObject({ code: "invalid-file" });
  });
});

describe("dropped files", () => {
  const fileEntry = (name: string, text: string) => ({
    name,
    isFile: true,
    file: (resolve: (found: File) => void) => resolve(new File([text], name)),
  });
  const folderEntry = (name: string, batches: object[][]) => ({
    name,
    isFile: false,
    createReader: () => {
      const left = [...batches, []];
      return { readEntries: (resolve: (some: object[]) => void) => resolve(left.shift()!) };
    },
  });
  const drop = (...entries: object[]) =>
    droppedFiles({
      items: entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry })),
      files: [],
    } as unknown as DataTransfer);

  it("hold everything of a folder, though browsers give its entries in batches", async () => {
    const inner = folderEntry("fold-0", [[fileEntry("a.pt", "w")], [fileEntry("b.pt", "v")]]);
    const source = await drop(folderEntry("model", [[inner], [fileEntry("commandline.json", "{}")]]));
    expect(source.name).toBe("model");
    expect(await tree(source)).toEqual(["commandline.json", "fold-0/", "fold-0/a.pt", "fold-0/b.pt"]);
    expect(await readText(source, "fold-0/b.pt")).toBe("v");
  });

  it("hold what can be read beside a file and a folder that cannot, which say so when they are opened", async () => {
    const refuse = (_: unknown, reject: (reason: Error) => void) => reject(new Error("not found"));
    const link = { name: "scan.nii.gz", isFile: true, file: refuse };
    const locked = { name: "sub-2", isFile: false, createReader: () => ({ readEntries: refuse }) };
    const source = await drop(folderEntry("data", [[link, locked, fileEntry("participants.tsv", "t")]]));
    expect(await readText(source, "participants.tsv")).toBe("t");
    const refused = /^data\/(scan|sub-2)\S*: the browser cannot read it: not found; it may be a broken link/;
    await expect(source.open("scan.nii.gz")).rejects.toThrow(refused);
    expect(await source.list("")).toContainEqual({ name: "sub-2", kind: "directory" });
    await expect(source.list("sub-2")).rejects.toThrow(refused);
    await expect((await drop(locked)).list("")).rejects.toThrow("sub-2: the browser cannot read it");
  });

  it("keep several folders apart", async () => {
    const source = await drop(
      folderEntry("caps", [[fileEntry("a", "1")]]),
      folderEntry("model", [[fileEntry("a", "2")]]),
    );
    expect(await tree(source)).toEqual(["caps/", "caps/a", "model/", "model/a"]);
  });
});

describe("an opened folder", () => {
  const missing = () => {
    throw Object.assign(new Error("not there"), { name: "NotFoundError" });
  };
  /** As much of a directory handle as is used, over a map of texts. */
  const handle = (name: string, files: Map<string, string>, prefix = ""): unknown => ({
    name,
    kind: "directory",
    async *values() {
      const names = [...files.keys()]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length));
      const tops = new Map(
        names.map((path) => [path.split("/")[0]!, path.includes("/") ? "directory" : "file"]),
      );
      for (const [top, kind] of tops) yield { name: top, kind };
    },
    async getDirectoryHandle(part: string, { create }: { create: boolean }) {
      const below = `${prefix}${part}/`;
      if (!create && ![...files.keys()].some((path) => path.startsWith(below))) missing();
      return handle(part, files, below);
    },
    async getFileHandle(part: string, options?: { create: boolean }) {
      const path = prefix + part;
      if (!options?.create && !files.has(path)) missing();
      return {
        getFile: async () => new File([files.get(path)!], part),
        createWritable: async () => {
          let text = "";
          return {
            write: async (bytes: Uint8Array) => {
              text += new TextDecoder().decode(bytes);
            },
            close: async () => void files.set(path, text),
          };
        },
      };
    },
  });
  const files = new Map([["fold-0/a.pt", "w"]]);
  const source = openedFolder(handle("model", files) as FileSystemDirectoryHandle);

  it("is read and listed", async () => {
    expect(await tree(source)).toEqual(["fold-0/", "fold-0/a.pt"]);
    expect(await readText(source, "fold-0/a.pt")).toBe("w");
    expect(await source.open("fold-1/a.pt")).toBeUndefined();
    expect(await source.list("fold-1")).toBeUndefined();
  });

  it("is written to, with new folders where they are needed", async () => {
    await source.write("out/map.txt", new TextEncoder().encode("map"));
    expect(files.get("out/map.txt")).toBe("map");
    async function* pieces() {
      yield new TextEncoder().encode("ma");
      yield new TextEncoder().encode("p2");
    }
    await source.write("out/map.txt", pieces());
    expect(files.get("out/map.txt")).toBe("map2");
  });

  it("says what the browser refused", async () => {
    const refusing = { name: "model", getFileHandle: () => Promise.reject(new Error("permission denied")) };
    await expect(openedFolder(refusing as unknown as FileSystemDirectoryHandle).open("a")).rejects.toThrow(
      "cannot read model/a: permission denied",
    );
  });
});

describe("files of a web server", () => {
  const large = Uint8Array.from({ length: 600_000 }, (_, k) => k % 251);
  const asked: string[] = [];
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((message, response) => {
      asked.push(`${message.url} ${message.headers.range}`);
      const [, kind, name] = message.url!.split("/");
      const content = { "a%20b.bin": large, "empty.bin": new Uint8Array() }[name!];
      if (kind === "broken") response.writeHead(500).end();
      else if (content === undefined) response.writeHead(404).end();
      else if (kind === "whole") response.end(content);
      else {
        const [, first, last] = /bytes=(\d+)-(\d+)/.exec(message.headers.range!)!.map(Number) as [
          number,
          number,
          number,
        ];
        if (first >= content.length) return response.writeHead(416).end();
        const part = content.subarray(first, last + 1);
        response.writeHead(206, {
          "Content-Range": `bytes ${first}-${first + part.length - 1}/${content.length}`,
        });
        response.end(part);
      }
      return undefined;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => void server.close());

  it.each(["ranges", "whole"])("are read in parts from a server that gives %s", async (kind) => {
    const reader = await httpFiles(`${base}/${kind}`, ["a b.bin"]).open("a b.bin");
    expect(reader!.byteLength).toBe(large.length);
    expect(await reader!.read(10, 5)).toEqual(large.subarray(10, 15));
    expect(await reader!.read(500_000, 1000)).toEqual(large.subarray(500_000, 501_000));
    await expect(reader!.read(599_999, 2)).rejects.toMatchObject({ code: "invalid-file" });
    expect(asked.filter((line) => line.startsWith(`/${kind}/`))).toHaveLength(kind === "ranges" ? 2 : 1);
  });

  it("may be empty or missing", async () => {
    const source = httpFiles(`${base}/ranges/`, ["empty.bin", "gone.bin"]);
    expect((await source.open("empty.bin"))!.byteLength).toBe(0);
    expect(await source.open("gone.bin")).toBeUndefined();
    expect(await tree(source)).toEqual(["empty.bin", "gone.bin"]);
  });

  it("say which address could not be read", async () => {
    await expect(httpFiles(`${base}/broken`, ["a"]).open("a")).rejects.toThrow(
      `${base}/broken/a: the server answers 500`,
    );
    const error = await httpFiles("http://127.0.0.1:9", ["a"])
      .open("a")
      .catch((reason: unknown) => reason);
    expect(isVoxplainError(error, "io-failure")).toBe(true);
  });
});

describe("a compressed file of a web server", () => {
  const plain = Uint8Array.from({ length: 900_000 }, (_, k) => (k * k) % 251);
  const stored = new Uint8Array(gzipSync(plain, { level: 0 }));
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((message, response) => {
      const host = message.url!.split("/")[1]!;
      const range = /bytes=(\d+)-(\d+)/.exec(message.headers.range ?? "");
      const headers = host.startsWith("encoded") ? { "Content-Encoding": "gzip" } : {};
      if (range === null || host.endsWith("whole")) return response.writeHead(200, headers).end(stored);
      const [first, last] = [Number(range[1]), Math.min(Number(range[2]), stored.length - 1)];
      const part = stored.subarray(first, last + 1);
      const place = { "Content-Range": `bytes ${first}-${last}/${stored.length}` };
      return response.writeHead(206, { ...headers, ...(host !== "unsaid" && place) }).end(part);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => void server.close());

  it.each([
    ["gives ranges of the file as it is stored (GitHub Pages)", "ranges", stored],
    ["knows no ranges (python -m http.server)", "whole", stored],
    ["does not say which range it gives", "unsaid", stored],
    ["calls its ranges compressed (vite preview)", "encoded", plain],
    ["calls the whole file compressed (nginx with gzip_static)", "encoded-whole", plain],
  ])("is read from a server that %s", async (_, host, content) => {
    for (const name of ["image.nii.gz", "image.bin"]) await expectContent(`${base}/${host}`, name, content);
  });

  async function expectContent(address: string, name: string, content: Uint8Array): Promise<void> {
    const reader = await httpFiles(address, [name]).open(name);
    expect(reader!.byteLength).toBe(content.length);
    for (const [offset, length] of [
      [0, 4],
      [400_000, 1000],
      [content.length - 3, 3],
      [0, content.length],
    ] as const) {
      const read = await reader!.read(offset, length);
      expect(Buffer.compare(read, content.subarray(offset, offset + length))).toBe(0);
    }
  }
});

it("gzip of the browser is gzip", async () => {
  const bytes = new TextEncoder().encode("voxel ".repeat(1000));
  expect(new Uint8Array(gunzipSync(await gzipInBrowser(bytes)))).toEqual(bytes);
});
