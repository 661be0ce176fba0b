import type { Plugin } from "vite";

/** A file by its path in the page; the content is read when it is asked for. */
export type ShippedFiles = ReadonlyMap<string, () => Uint8Array>;

const types: Readonly<Record<string, string>> = {
  json: "application/json",
  mjs: "text/javascript",
  tsv: "text/plain",
  wasm: "application/wasm",
};

/** Puts files into a folder of the built page, and serves them from there while developing. */
export function shipFiles(folder: string, files: ShippedFiles): Plugin {
  return {
    name: `ship-${folder}`,
    configureServer(server) {
      server.middlewares.use(`/${folder}`, (request, response, next) => {
        const path = decodeURIComponent((request.url ?? "").replace(/^\/|\?.*$/g, ""));
        const content = files.get(path);
        if (content === undefined) return next();
        const type = types[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
        response.setHeader("Content-Type", type);
        // Threads of WebAssembly are workers of their own, which have to be isolated, too.
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
        response.end(content());
      });
    },
    generateBundle() {
      for (const [path, content] of files) {
        this.emitFile({ type: "asset", fileName: `${folder}/${path}`, source: content() });
      }
    },
  };
}
