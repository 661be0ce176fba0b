// Conv5_FC3 at 169×208×179: forward pass and input gradient by WebAssembly in Chromium, and by
// onnxruntime-node in turn, in one run on one machine.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeRuntime } from "@voxplain/runtime-node";
import { webRuntime } from "@voxplain/runtime-web";
import { differentiableModel } from "@voxplain/saliency";
import { networkAndInput } from "./gradient.mjs";
import { interleaved, ratioOf, timed } from "./measurement.mjs";
import { sizes } from "./sizes.mjs";

const workspace = fileURLToPath(new URL("..", import.meta.url));
const { chromium } = createRequire(join(workspace, "packages/runtime-web/package.json"))("playwright-core");
const { architecture, lengths } = sizes.volume;
const dims = [1, ...lengths];
const executablePath = process.env.VOXPLAIN_CHROMIUM ?? "/usr/bin/chromium";

/** WebAssembly beside Node, with the peak of Chromium's largest process. */
export async function web(stopWatching) {
  const { threads } = sizes;
  const { network, input } = await networkAndInput(architecture, [1, ...dims]);
  // What the page gets is made here; there it would be made by the same packages.
  const { lowering } = webRuntime({ executionProvider: "wasm", assets: "http://localhost/" });
  const model = await artifactFor(network, lowering, input);
  const server = await serve(model.artifact);
  const browser = await chromium.launchServer({ executablePath, args: ["--no-sandbox"] });
  const client = await chromium.connect(browser.wsEndpoint());
  const page = await client.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => "open" in globalThis);
  const opened = await page.evaluate((settings) => globalThis.open(settings), {
    threads,
    dims,
    cotangent: model.cotangent,
    leading: model.artifact.leading,
    weights: model.artifact.externalData.map(({ location, byteLength }) => ({ location, byteLength })),
  });
  const ours = differentiableModel(network, nodeRuntime({ executionProvider: "cpu", threads }));
  let expected;
  const inNode = () =>
    timed(async () => {
      expected = await ours.gradient(input, 1);
    });
  const inPage = () => page.evaluate(() => globalThis.run());
  const programs = await interleaved({ Chromium: inPage, Node: inNode }, { rounds: sizes.rounds, warmUp: 1 });
  const sums = await page.evaluate(() => globalThis.sums());
  const norm = Math.sqrt(expected.gradient.data.reduce((sum, value) => sum + value * value, 0));
  const megabytes = peak(browser.process().pid);
  await stopWatching();
  await ours.release();
  await client.close();
  await browser.close();
  server.close();
  const what = "that gradient by WebAssembly in Chromium, and in Node";
  const timesNode = ratioOf(programs.Node, programs.Chromium);
  const row = { threads: opened.threads };
  return [
    { what, unit: "ms", ...row, programs, timesNode, normRatio: sums.norm / norm },
    { what: "opening it in Chromium", unit: "ms", ...row, programs: { Chromium: [opened.milliseconds] } },
    ...(megabytes
      ? [
          {
            what: "peak memory: Chromium's largest process",
            unit: "MB",
            ...row,
            programs: { Chromium: [megabytes] },
          },
        ]
      : []),
  ];
}

/** The gradient's graph as a runtime would get it, and the name of the cotangent. */
async function artifactFor(network, lowering, input) {
  let artifact;
  let cotangent;
  const recording = {
    executionProvider: "wasm",
    lowering,
    version: "",
    async createSession(model) {
      artifact = model;
      const run = async (feeds) => {
        cotangent = Object.keys(feeds).find((name) => name !== network.input);
        throw new Error("only looked at");
      };
      return { inputNames: [], outputNames: [], run, release: async () => {} };
    },
  };
  await differentiableModel(network, recording)
    .gradient(input, 1)
    .catch(() => {});
  return { artifact, cotangent };
}

function serve({ proto, externalData }) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const type = { mjs: "text/javascript", js: "text/javascript", wasm: "application/wasm" };
    response.setHeader("Content-Type", type[pathname.split(".").at(-1)] ?? "text/html");
    const weights = externalData.find(({ location }) => pathname === `/weights/${location}`);
    if (pathname === "/") response.end(html);
    else if (pathname === "/model.onnx") response.end(proto);
    else if (weights !== undefined) {
      for await (const chunk of weights.chunks()) response.write(chunk);
      response.end();
    } else {
      try {
        response.end(readFileSync(join(workspace, pathname)));
      } catch {
        response.writeHead(404).end();
      }
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const html = `<!doctype html>
<script type="importmap">
  {
    "imports": {
      "@voxplain/core": "/packages/core/dist/index.js",
      "@voxplain/kernels": "/packages/kernels/dist/index.js"
    }
  }
</script>
<script type="module">
  import { webRuntime } from "/packages/runtime-web/dist/index.js";

  const assets = "/packages/runtime-web/node_modules/onnxruntime-web/dist";
  let session, feeds, results;
  globalThis.open = async ({ threads, dims, cotangent, weights, leading }) => {
    const runtime = webRuntime({ executionProvider: "wasm", assets, threads });
    const proto = new Uint8Array(await (await fetch("/model.onnx")).arrayBuffer());
    const externalData = weights.map(({ location, byteLength }) => ({
      location,
      byteLength,
      async *chunks() {
        const reader = (await fetch("/weights/" + location)).body.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          yield value;
        }
      },
    }));
    const start = performance.now();
    session = await runtime.createSession({ proto, externalData, leading });
    const milliseconds = performance.now() - start;
    const count = dims.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: count }, (_, k) => ((k * 2654435761) % 2 ** 32) / 2 ** 32);
    const input = session.inputNames.find((name) => name !== cotangent);
    feeds = {
      [input]: { dtype: "float32", dims: [1, ...dims], data },
      [cotangent]: { dtype: "float32", dims: [1, 2], data: Float32Array.of(0, 1) },
    };
    return { threads: runtime.threads, milliseconds };
  };
  globalThis.run = async () => {
    const start = performance.now();
    results = await session.run(feeds);
    return performance.now() - start;
  };
  globalThis.sums = () => {
    const [map] = Object.values(results).filter(({ dims }) => dims.length === 5);
    return { norm: Math.sqrt(map.data.reduce((sum, value) => sum + value * value, 0)) };
  };
</script>`;

/** The largest peak of memory among the processes below one, from Linux's /proc; undefined elsewhere. */
function peak(parent) {
  try {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
    const status = readFileSync(`/proc/${parent}/status`, "utf8");
    const own = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    return Math.max(own, ...children.filter(Boolean).map((child) => peak(child) ?? 0));
  } catch {
    return undefined;
  }
}
