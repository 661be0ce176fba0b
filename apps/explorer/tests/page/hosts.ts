import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** How a host sends a file. */
export interface HostKind {
  /** Answers `Range` with 206. */
  readonly ranges?: boolean;
  /** Compresses what it sends, whatever it is, where the browser takes it. */
  readonly compresses?: boolean;
  /** Takes the ending .gz for a way to send a file, as some servers do: `Content-Encoding: gzip`, for ranges, too. */
  readonly callsGzEncoded?: boolean;
  /** Has no type for `.mjs`, as Debian's nginx. */
  readonly knowsNoModules?: boolean;
  /** The folder of the host that the page is in: "" or "/tools/explorer". */
  readonly below?: string;
  /** Files beside those of the folder, by their paths: "images/a.nii". */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Sends the headers that isolate a page. */
  readonly isolated?: boolean;
}

export interface Host {
  readonly url: string;
  /** The bytes of the answers since the last time that this was asked. */
  sent(): number;
  close(): Promise<void>;
}

const unknown = "application/octet-stream";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
};

/** Serves a folder as hosts of a kind do. */
export async function hostOf(folder: string, kind: HostKind = {}): Promise<Host> {
  const { below = "" } = kind;
  let bytes = 0;
  const contentOf = (path: string): Buffer | undefined => {
    const given = kind.files?.get(path);
    if (given !== undefined) return Buffer.from(given);
    const file = join(folder, path);
    return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    const inside = path.startsWith(`${below}/`) ? path.slice(below.length + 1) : undefined;
    const content = inside === undefined ? undefined : contentOf(inside);
    if (inside === undefined || content === undefined) return void response.writeHead(404).end();
    const { status, headers, body } = answer(inside, content, request, kind);
    bytes += body.length;
    send(response, status, headers, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : "";
  return {
    url: `http://127.0.0.1:${port}${below}/`,
    sent() {
      const sum = bytes;
      bytes = 0;
      return sum;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

function answer(file: string, whole: Buffer, { headers: asked }: IncomingMessage, kind: HostKind): Answer {
  const headers: Record<string, string> = {
    "Content-Type":
      (kind.knowsNoModules && file.endsWith(".mjs") ? undefined : types[extname(file)]) ?? unknown,
    ...(kind.isolated && {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    }),
    ...(kind.callsGzEncoded && file.endsWith(".gz") && { "Content-Encoding": "gzip" }),
  };
  const range = kind.ranges ? /^bytes=(\d+)-(\d+)$/.exec(asked.range ?? "") : null;
  if (range !== null) {
    const from = Number(range[1]);
    const to = Math.min(Number(range[2]), whole.length - 1);
    headers["Content-Range"] = `bytes ${from}-${to}/${whole.length}`;
    return { status: 206, headers, body: whole.subarray(from, to + 1) };
  }
  if (!kind.compresses || headers["Content-Encoding"] !== undefined)
    return { status: 200, headers, body: whole };
  return {
    status: 200,
    headers: { ...headers, "Content-Encoding": "gzip" },
    body: gzipSync(whole, { level: 1 }),
  };
}

function send(response: ServerResponse, status: number, headers: Answer["headers"], body: Buffer): void {
  response.writeHead(status, { ...headers, "Content-Length": body.length });
  response.end(body);
}
