import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const script = new URL("../offline/service-worker.js", import.meta.url);

/** WebGPU's 27 MB are kept only where they were used. */
const onDemand = /webgpu|asyncify/;

/** Adds the service worker to the built page, with the list of the files that it keeps. */
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
        const files = ["./", "./icon.svg"];
        for (const [name, output] of Object.entries(bundle)) {
          hash.update(name).update(output.type === "chunk" ? output.code : output.source);
          if (!onDemand.test(name) && name !== "index.html") files.push(`./${name}`);
        }
        const shipped = JSON.stringify({ version: hash.digest("hex").slice(0, 12), files: files.sort() });
        const source = `self.shipped = ${shipped};\n${code}`;
        this.emitFile({ type: "asset", fileName: "service-worker.js", source });
      },
    },
  };
}
