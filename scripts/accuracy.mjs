// `node scripts/accuracy.mjs`: runs the tests that compare with references, and writes what they measured
// to the accuracy pages of the documentation. No number in them is typed by hand.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { root, tool } from "./workspace.mjs";

const error = (value) => (value === 0 ? "0" : value.toExponential(1));

/** Each table is a page: which tests fill it, and its columns: key, heading, and how the values are written. */
const tables = {
  zoo: {
    title: "Exported networks",
    tests: ["tests/zoo/zoo.test.ts"],
    introduction: `Networks of every common kind, exported by PyTorch's and torchvision's own code with fewer channels, and
graphs as tf2onnx writes them from Keras. The gradient of one logit (of a U-Net's weighted output) with respect to the
image, computed on the CPU by ONNX Runtime in float32, is compared with PyTorch's autograd in float64. Beside it stands
how far PyTorch's own float32 is from its float64. Inputs are drawn so that no ReLU and no maximum hangs on rounding.`,
    columns: [
      ["model", "network"],
      ["exporter", "exported by"],
      ["opset", "operator set"],
      ["input", "input"],
      ["parameters", "numbers in the weights"],
      ["operators", "operators"],
      ["outputError", "logits", error],
      ["gradientError", "gradient", error],
      ["pytorchOutputError", "PyTorch float32: logits", error],
      ["pytorchGradientError", "PyTorch float32: gradient", error],
    ],
  },
  architectures: {
    title: "Architectures of ClinicaDL",
    tests: ["tests/architectures.test.ts"],
    introduction: `Every architecture of ClinicaDL 0.2, from its state dict to the gradient of one logit, against PyTorch in
float64. Images have a background of zeros, where pooling windows are ties. "Without the worst 0.1 %" leaves out the
voxels that differ most: in large volumes rounding decides now and then which voxel of a window is the largest.`,
    columns: [
      ["network", "network"],
      ["architecture", "architecture"],
      ["input", "input"],
      ["logitsError", "logits", error],
      ["gradientError", "gradient", error],
      ["trimmedError", "without the worst 0.1 %", error],
      ["pytorchLogitsError", "PyTorch float32: logits", error],
      ["pytorchGradientError", "PyTorch float32: gradient", error],
    ],
  },
  sample: {
    title: "Group maps of the sample",
    tests: ["packages/saliency/tests/sample.test.ts"],
    introduction: `The mean gradient over the seven AD sessions of the shipped sample, against PyTorch in float64.`,
    columns: [
      ["model", "model"],
      ["fold", "fold"],
      ["maps", "images"],
      ["gradientError", "mean map", error],
      ["trimmedError", "without the worst 0.1 %", error],
    ],
  },
  parts: {
    title: "Parts of images",
    tests: ["regions", "patches", "slices", "multi-cnn"].map((name) => `packages/cli/tests/${name}.test.ts`),
    introduction: `\`voxplain interpret group\` on networks of patches, regions and slices, against PyTorch and numpy: the mean
map of the parts, and the map put together on the grid of the image.`,
    columns: [
      ["model", "model"],
      ["gradients", "gradient"],
      ["sessions", "sessions"],
      ["mapError", "mean over parts", error],
      ["recomposedError", "on the image", error],
    ],
  },
  methods: {
    title: "Attribution methods",
    tests: [
      "packages/saliency/tests/pytorch-methods.test.ts",
      "packages/saliency/tests/propagation.test.ts",
      "tests/zoo/zoo.test.ts",
    ],
    introduction: `Every method on small networks in 2D and 3D, against its formula (of the paper; of Captum and zennit where they
have it) derived anew in PyTorch in float64.`,
    columns: [
      ["method", "method"],
      ["network", "network"],
      ["options", "options"],
      ["error", "map", error],
    ],
  },
};

const note = `<!-- Written by scripts/accuracy.mjs from what the tests measure. -->`;
const measures = `Figures are relative L2 distances, ‖found − reference‖ / ‖reference‖, measured by`;

const folder = mkdtempSync(join(tmpdir(), "voxplain-accuracy-"));
const pages = join(root, "apps/docs/pages/accuracy");
process.env.VOXPLAIN_ACCURACY_DIR = folder;
let status = 1;
try {
  status = tool(["vitest", "run", ...new Set(Object.values(tables).flatMap(({ tests }) => tests))]);
  if (status === 0) {
    writePages();
    status = tool(["biome", "format", "--write", pages]);
  } else console.error("the pages stay as they are: a test failed");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status;

function writePages() {
  mkdirSync(pages, { recursive: true });
  const summaries = Object.entries(tables).map(([name, table]) => {
    const rows = readRows(name);
    const heads = table.columns.map(([, heading]) => heading);
    const numbers = table.columns.map(([, , write]) => write === error);
    const cells = rows.map((row) =>
      table.columns.map(([key, , write = String]) => write(row[key]).replaceAll("|", "\\|")),
    );
    const tests = table.tests.map((path) => `\`${path}\``).join(", ");
    const content = [note, `# ${table.title}`, table.introduction, `${measures} ${tests}.`];
    writePage(name, [...content, markdownTable(heads, cells, numbers)]);
    const worst = table.columns.filter(([key, , write]) => write === error && !key.startsWith("pytorch"));
    const largest = worst.map(
      ([key, heading]) => `${heading} ${error(Math.max(...rows.map((row) => row[key])))}`,
    );
    return [`[${table.title}](./${name}.md)`, String(rows.length), largest.join(", ")];
  });
  writePage("index", [
    note,
    "# Accuracy",
    `What the tests compare with references, most often PyTorch in float64. Each page is written from the figures that the
tests measure; \`node scripts/accuracy.mjs\` measures them again. These were measured on ${cpus()[0]?.model ?? "a CPU"}, Node ${process.versions.node.split(".")[0]}.`,
    markdownTable(["comparison", "rows", "largest relative L2 distance"], summaries),
  ]);
}

function readRows(name) {
  const rows = readdirSync(join(folder, name)).map((file) =>
    JSON.parse(readFileSync(join(folder, name, file), "utf8")),
  );
  return rows.sort((a, b) => (a.row < b.row ? -1 : 1));
}

/** @param {readonly boolean[]} numbers - Which columns are aligned right; the site does not break their lines. */
function markdownTable(heads, rows, numbers = []) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map((_, k) => (numbers[k] ? "---:" : "---"))), ...rows.map(line)].join(
    "\n",
  );
}

function writePage(name, paragraphs) {
  writeFileSync(join(pages, `${name}.md`), `${paragraphs.join("\n\n")}\n`);
}
