// The page of the quick start, bundled by each bundler without settings of its own, served and opened in Chromium.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { chromiumPath } from "../packed/in-chromium.mjs";
import { root } from "../workspace.mjs";

const load = async (path) => await import(pathToFileURL(path).href);
const versionIn = (tools, name) => JSON.parse(readFileSync(tools(name, "package.json"), "utf8")).version;
/** The module of a tool. */
const moduleOf = (tools, name) => load(createRequire(tools("x.js")).resolve(name));

/** Each writes `bundle.js` into a folder, and says how its page finds the worker where it does not itself. */
const bundlers = {
  async esbuild(project, out, tools) {
    const { build } = await moduleOf(tools, "esbuild");
    const common = { absWorkingDir: project, bundle: true, format: "esm", logLevel: "silent" };
    await build({ ...common, entryPoints: ["page.js"], outfile: join(out, "bundle.js") });
    cpSync(
      join(project, "node_modules/@voxplain/runtime-web/dist/inference-worker.js"),
      join(out, "worker.js"),
    );
    return 'globalThis.given = { startWorker: () => new Worker("/worker.js", { type: "module" }) };';
  },
  async vite(project, out, tools) {
    const { build } = await load(tools("vite/dist/node/index.js"));
    const input = { bundle: join(project, "page.js") };
    const output = { entryFileNames: "[name].js" };
    const outDir = out;
    await build({
      ...{ configFile: false, root: project, logLevel: "error", publicDir: false },
      build: { outDir, emptyOutDir: false, target: "es2023", rollupOptions: { input, output } },
    });
    return "";
  },
  async webpack(project, out, tools) {
    const { default: webpack } = await moduleOf(tools, "webpack");
    const compiler = webpack({
      ...{ mode: "production", context: project, entry: "./page.js", performance: false },
      output: { path: out, filename: "bundle.js", publicPath: "/" },
    });
    const stats = await new Promise((resolve, reject) =>
      compiler.run((error, result) => (error ? reject(error) : resolve(result))),
    );
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    const [first] = [...errors, ...warnings];
    if (first !== undefined) throw new Error(first.message);
    return "";
  },
};

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

function serve(folder) {
  const server = createServer((request, response) => {
    const file = join(folder, new URL(request.url, "http://x").pathname);
    if (!existsSync(file) || extname(file) === "") return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/**
 * What is wrong with the page of each bundler; "" where it prints what it should.
 * @returns {Promise<readonly { name: string, complaint: string }[]>}
 */
export async function pagesInChromium(project, tools, printed) {
  const executablePath = chromiumPath();
  if (executablePath === undefined) return [{ name: "bundlers", complaint: "Chromium is not installed" }];
  const { chromium } = (
    await moduleOf((...names) => join(root, "packages/runtime-web", ...names), "playwright-core")
  ).default;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const found = [];
  try {
    for (const [name, bundle] of Object.entries(bundlers)) {
      const complaint = await pageComplaint(browser, project, tools, bundle, name, printed).catch(String);
      found.push({ name: `${name} ${versionIn(tools, name)}`, complaint });
    }
  } finally {
    await browser.close();
  }
  return found;
}

async function pageComplaint(browser, project, tools, bundle, name, printed) {
  const out = join(project, `site-${name}`);
  mkdirSync(out, { recursive: true });
  cpSync(join(project, "node_modules/onnxruntime-web/dist"), join(out, "onnxruntime"), { recursive: true });
  cpSync(join(project, "volume.onnx"), join(out, "volume.onnx"));
  const before = await bundle(project, out, tools);
  const html = `<!doctype html><title>page</title><link rel="icon" href="data:," /><script>${before}</script><script type="module" src="/bundle.js"></script>`;
  writeFileSync(join(out, "index.html"), html);
  const server = await serve(out);
  const page = await browser.newPage();
  try {
    const errors = [];
    const line = new Promise((resolve) => {
      page.on("pageerror", (error) => resolve(String(error)));
      page.on("console", async (message) => {
        if (message.type() === "error") errors.push(message.text());
        const values = await Promise.all(message.args().map((argument) => argument.jsonValue()));
        if (message.type() === "log") resolve(format(...values));
      });
      setTimeout(() => resolve("the page printed nothing within 60 s"), 60_000).unref();
    });
    await page.goto(`http://127.0.0.1:${server.address().port}/index.html`);
    const said = await line;
    return said === printed && errors.length === 0 ? "" : [said, ...errors].join("\n");
  } finally {
    await page.close();
    server.close();
  }
}
