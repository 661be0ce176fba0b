// Every page of the built site (npm run docs), read as a file: its links, and the line that says when it was checked.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods } from "@voxplain/saliency";
import { beforeAll, describe, expect, it } from "vitest";

const site = fileURLToPath(new URL("../dist", import.meta.url));

interface BuiltPage {
  /** "guide/quick-start.html" */
  readonly path: string;
  readonly html: string;
  /** Anchors that links can lead to. */
  readonly ids: ReadonlySet<string>;
}

describe.skipIf(!existsSync(join(site, "index.html")))("every page of the site", () => {
  const pages = new Map<string, BuiltPage>();
  beforeAll(() => {
    for (const path of readdirSync(site, { recursive: true }).map((name) =>
      String(name).replaceAll("\\", "/"),
    )) {
      if (!path.endsWith(".html") || path === "404.html") continue;
      const html = readFileSync(join(site, path), "utf8");
      const ids = new Set(Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id = ""]) => decoded(id)));
      pages.set(path, { path, html, ids });
    }
  });
  const page = (path: string) => pages.get(path) ?? expect.fail(`there is no page ${path}`);

  it("says when it was checked, and for which version", () => {
    expect(pages.size).toBeGreaterThan(80);
    const line = /<p class="checked"[^>]*>Checked on \d{1,2} [A-Z][a-z]+ 20\d\d for Voxplain \d+\.\d+\.\d+/;
    expect([...pages.values()].filter(({ html }) => !line.test(html)).map(({ path }) => path)).toEqual([]);
  });

  it("comes with the licences of what it bundles", () => {
    const licences = readFileSync(join(site, "third-party-licences.txt"), "utf8");
    for (const name of ["vue", "vitepress", "minisearch"]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, "m"));
    }
  });

  it("has no link to a page, an anchor or a file that does not exist", () => {
    const broken = [...pages.values()].flatMap(({ path, html }) =>
      Array.from(html.matchAll(/<a\b[^>]* href="([^"]*)"/g), ([, href = ""]) => decoded(href))
        .filter((href) => !/^(?:[a-z]+:|\/\/)/.test(href) && !/^(?:\.?\/)?explorer\//.test(href))
        .filter((href) => !leadsSomewhere(path, href))
        .map((href) => `${path}: ${href}`),
    );
    expect(broken).toEqual([]);
  });

  function leadsSomewhere(from: string, href: string): boolean {
    const [, way = "", , anchor = ""] = /^([^?#]*)(\?[^#]*)?#?(.*)$/.exec(href) ?? [];
    const below = way.startsWith("/") ? way.slice(1) : join(dirname(from), way);
    const target = way === "" ? from : below.replaceAll("\\", "/");
    const found = [target, `${target}.html`, join(target, "index.html")].find(
      (file) => existsSync(join(site, file)) && /\.\w+$/.test(file),
    );
    if (found === undefined) return false;
    return (
      anchor === "" || pages.get(found.replaceAll("\\", "/"))?.ids.has(decodeURIComponent(anchor)) === true
    );
  }

  it("of the reference lists what the code has", () => {
    const { html: options } = page("reference/options.html");
    for (const option of ["--nifti_template_path", "--bids_filter", "--cluster_p", "--shard"])
      expect(options, option).toContain(option);
    const { ids } = page("reference/errors.html");
    const source = readFileSync(new URL("../../../packages/core/src/errors.ts", import.meta.url), "utf8");
    const codes = Array.from(source.matchAll(/^ {2}\| "([\w-]+)"/gm), ([, code = ""]) => code);
    expect(codes.length).toBeGreaterThan(10);
    // Each has a section, to which the table leads.
    expect(codes.filter((code) => !ids.has(code))).toEqual([]);
    const { html: gallery } = page("gallery.html");
    expect(Object.keys(methods).filter((name) => !gallery.includes(`id="${name}"`))).toEqual([]);
    const schemas = readdirSync(new URL("../../../packages/results/schemas", import.meta.url));
    for (const schema of schemas) {
      expect(page("reference/schemas.html").html).toContain(schema);
      expect(existsSync(join(site, "schemas", schema)), schema).toBe(true);
    }
  });
});

const decoded = (text: string) =>
  text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">");
