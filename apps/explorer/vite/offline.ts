import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Plugin } from "vite";

const script = new URL("../offline/service-worker.js", import.meta.url);
const publicFolder = new URL("../public/", import.meta.url);

/** WebGPU's 27 MB are kept only where they were used; what other pages embed is not of this one. */
const onDemand = /webgpu|asyncify|^embed\//;

/** The volumes of the first map, which the first picture does not need. */
const isVolume = /\.nii\.gz$/;

/** Adds the service worker to the built page, with the lists of the files that it keeps: those of the first picture, and all. */
export function offline(): Plugin {
  return {
    name: "offline",
    apply: "build",
    // Only the built page has it: while developing, nothing may come from a cache.
    transformIndexHtml: () => [
      { tag: "link", attrs: { rel: "serviceworker", href: "./service-worker.js" }, injectTo: "head" },
    ],
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const code = readFileSync(script, "utf8");
        const hash = createHash("sha256").update(code);
        const shipped = filesBelow(publicFolder);
        for (const name of shipped) hash.update(name).update(readFileSync(new URL(name, publicFolder)));
        const first = ["", ...shipped.filter((name) => !isVolume.test(name))];
        const files = ["", ...shipped];
        for (const [name, output] of Object.entries(bundle)) {
          hash.update(name).update(output.type === "chunk" ? output.code : output.source);
          if (onDemand.test(name) || name === "index.html") continue;
          files.push(name);
          if (output.type === "chunk" && output.isEntry) first.push(name, ...output.imports);
          if (name.endsWith(".css")) first.push(name);
        }
        const version = hash.digest("hex").slice(0, 12);
        const paths = (names: readonly string[]) => [...new Set(names)].sort().map((name) => `./${name}`);
        const lists = JSON.stringify({ version, first: paths(first), files: paths(files) });
        this.emitFile({
          type: "asset",
          fileName: "service-worker.js",
          source: `self.shipped = ${lists};\n${code}`,
        });
      },
    },
  };
}

function filesBelow(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => statSync(new URL(path, folder)).isFile())
    .sort();
}
