// `node scripts/accuracy.mjs [--gradients]`: writes the accuracy pages of the documentation. The gradients on unselected inputs come from
// bench/results/accuracy (`node bench/accuracy.mjs` measures them anew, which takes PyTorch); the other pages from tests
// that compare with references, which it runs; with --gradients it leaves these pages, and their part of the index, as they are.
// No number in the tables is typed by hand.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { root, tool } from "./workspace.mjs";

const error = (value) => (value === 0 ? "0" : value.toExponential(1));

/** Gradients on ten inputs each, one page a kind. */
const gradients = {
  architecture: {
    page: "architectures",
    title: "Architectures of ClinicaDL",
    introduction: `Every architecture of ClinicaDL 0.2. Weights and images are drawn anew for each of the seeds 0 to 9; the images
have a background of zeros. The reference decides maxima on values rounded to 2⁻³⁰, because sums in float64 break ties that are
exact in the background.`,
  },
  zoo: {
    page: "zoo",
    title: "Exported networks",
    introduction: `Networks of every common kind, exported by PyTorch's and torchvision's own code with fewer channels, and
graphs as tf2onnx writes them from Keras. Images are drawn for each of the seeds 0 to 9. PyTorch has the weights of the file in both
precisions, where the exporter merged batch normalization into convolutions too, and in float64 also its constants, which are float32 (as
ε, or √2 in GELU). For each image, output and gradient in float64 are within 10⁻¹² of those of the file's own graph, evaluated node by node.`,
  },
  "full-size": {
    page: "full-size",
    title: "Full size",
    introduction: `ClinicaDL's Conv5_FC3 on images of 169×208×179 in which neighbouring voxels resemble each other, as in an MRI: noise on a
coarser grid, interpolated. Weights and images are drawn anew for each of the seeds 0 to 9.`,
  },
  sample: {
    page: "sample",
    title: "The sample",
    introduction: `The trained networks of the shipped sample on all of its ten images.`,
  },
};

/** Each table is a page: which tests fill it, and its columns: key, heading, and how the values are written. */
const tables = {
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
    introduction: `Each method on small 2D and 3D networks, compared with an independent implementation in float64 in PyTorch of the formula in
its paper, or in Captum or zennit where they have the method.`,
    columns: [
      ["method", "method"],
      ["network", "network"],
      ["options", "options"],
      ["error", "map", error],
    ],
  },
};

const folder = mkdtempSync(join(tmpdir(), "voxplain-accuracy-"));
const pages = join(root, "apps/docs/pages/accuracy");

const note = `<!-- Written by scripts/accuracy.mjs from what was measured. -->`;
const measures = `Figures are relative L2 distances, ‖found − reference‖ / ‖reference‖, measured by`;

function writePages() {
  mkdirSync(pages, { recursive: true });
  writeIndex([methodsHeading, ...writeTables()].join("\n\n"));
}

const methodsHeading = "## Methods and parts";

/** @param {string} others - The part of the index that is not about gradients. */
function writeIndex(others) {
  const kinds = Object.entries(gradients).filter(([kind]) => measuredOf(kind).length > 0);
  const measured = kinds.map(([kind, page]) => writeGradientPage(kind, page));
  const heads = gradientHeads("comparison");
  const all = kinds.flatMap(([kind]) => measuredOf(kind));
  const [{ machine, node, torch }] = all;
  const dates = [...new Set(all.map(({ date }) => date))].sort();
  writePage("index", [
    note,
    "# Accuracy",
    `Maps are compared with references in float64: gradients with PyTorch's on unselected inputs, over all voxels,
and the methods with their formulas. Errors of PyTorch's own float32 on the same inputs are listed beside Voxplain's.`,
    "## Gradients on unselected inputs",
    markdownTable(
      heads,
      measured,
      heads.map((_, k) => k > 0),
    ),
    columns,
    `Measured by \`bench/accuracy.mjs\` on ${machine}, Node ${node.slice(1)}, PyTorch ${torch.split("a")[0]}, ${rangeOf(dates)}.`,
    "## Beside PyTorch's float32",
    ...besidePytorch(all),
    "## Near-ties",
    nearTies,
    others,
  ]);
}

/** Largest and median errors, ours and PyTorch's, where one of ours is above PyTorch's. */
function besidePytorch(networks) {
  const compared = networks.map(({ kind, name, rows }) => {
    const [ours, theirs] = ["gradientError", "pytorchGradientError"].map((key) =>
      rows.map((row) => row[key]),
    );
    const figures = [Math.max(...ours), Math.max(...theirs), median(ours), median(theirs)];
    return { kind, name, figures, ratios: [figures[0] / figures[1], figures[2] / figures[3]] };
  });
  const count = (holds) => compared.filter(holds).length;
  const behind = compared.filter(({ ratios }) => ratios.some((ratio) => ratio > 1));
  const heads = ["network", "largest", "PyTorch float32", "ratio", "median", "PyTorch float32", "ratio"];
  const cells = behind.map(({ kind, name, figures: [largest, theirs, middle, theirMiddle], ratios }) => [
    kind === "architecture" ? name : `${name} (${kind})`,
    ...[error(largest), error(theirs), ratios[0].toFixed(2)],
    ...[error(middle), error(theirMiddle), ratios[1].toFixed(2)],
  ]);
  return [
    `In ${count(({ ratios }) => ratios[0] <= 1)} of ${compared.length} networks, the largest error of Voxplain is not above that of PyTorch's float32; in
${count(({ ratios }) => ratios[1] <= 1)} of them, its median error is not. All voxels and all inputs count. In these networks, one of the two is:`,
    markdownTable(
      heads,
      cells,
      heads.map((_, k) => k > 0),
    ),
    whyBehind,
  ];
}

/** The pages of the other tables; gives their part of the index. */
function writeTables() {
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
  return [
    markdownTable(["comparison", "rows", "largest relative L2 distance"], summaries),
    "[Each method beside Captum, zennit, MONAI and others](./tools.md)",
    `Each page is written from the figures that the tests measure, on ${cpus()[0]?.model ?? "a CPU"}, Node ${process.versions.node.split(".")[0]}.`,
  ];
}

const columns = `Figures are relative L2 distances of the gradient from PyTorch's float64, ‖found − reference‖ / ‖reference‖, over all
voxels. "Other decisions" are ReLUs on the other side of their kink and windows of max-pooling with another first
maximum than in float64; a window of a block that kernels compute counts once. "By kernels" is how many of the first blocks the
[kernels](../performance.md) compute; where they compute any, "without them" is ONNX Runtime alone (\`--no_kernel\`). A dash marks a network that was measured
before there were kernels, or a table that contains one.`;

/** To be removed when these networks are measured again. */
const olderSums = `  The figures on these pages for conv5_fc3, conv6_fc3, vconv5_fc3 and the sample's conv5_fc3_down are older.`;

const whyBehind = `The reasons that are known:

- random_2d_batch_pool has near-ties that both programs decide otherwise than float64; its largest error comes from them.
- In networks of convolutions, ReLU and max-pooling, only the sums of the gradient round, as long as no decision changes. For conv5_fc3_mni
  (seed 1), 3.1e-7 of the error came from the first linear layer, whose 1,300 products were added one after the other, and 1.9e-7, 1.4e-7,
  1.1e-7, 0.8e-7 and 0.8e-7 from the blocks, the last one first: 4.2e-7 together. Since 30 November 2026, the linear layer and blocks of more than
  32 channels are summed in parts, which leaves 1.3e-7 from the linear layer and 1.3e-7 and 1.1e-7 from the last two blocks: 2.6e-7 together,
  where PyTorch's float32 has 3.4e-7.
${olderSums}
- Exported networks: before 30 November 2026, the reference differed from the file in the last bits of some weights (where the exporter merges batch
  normalization), statistics and constants, and that counted as Voxplain's error. With those of the file, the largest error is not above
  PyTorch's in 19 of 27 networks instead of 14. The ratio of the largest errors rose for efficientnet (1.01 to 1.04), efficientnet_v2
  (0.80 to 0.87) and resnet (1.09 to 1.14), that of the medians for efficientnet (0.95 to 1.01) and resnext (1.06 to 1.09), and for four others to
  less than 1.
- For the others, no reason is known.`;

const nearTies = `A ReLU passes the gradient or stops it, and max-pooling gives it to one voxel of a window. Where the input of a ReLU is
within rounding of 0, or the two largest values of a window within rounding of each other, float32 may decide otherwise than
float64: a near-tie. The gradient then takes another path through that unit. Every voxel in front of the unit changes, by as much as
the unit contributes, and no choice of float32 arithmetic avoids it: PyTorch's float32 has as many near-ties as ours, at other
places. A map without another decision agrees to some 10⁻⁷; a single one can move it by 10⁻⁵ to 10⁻². The tables count them, and
leave no voxel out.

Most near-ties are in the first blocks, which have the most voxels. Where kernels compute these, near-ties of the first two blocks are decided in
float64 from the image: for the few of the second block, the values in front of it are computed again. The threshold is a generous
estimate of the rounding, not a proven bound. Blocks behind the second, and everything that ONNX Runtime computes, decide in float32.

Where an image is constant, as in air of exactly 0, neighbouring values are exactly equal, and their first is the maximum. Sums in float64
of products that PyTorch orders differently from place to place break such ties at random: the gradient of Conv4_FC3 on patches of 50×50×50 with
90 % air and more differs between PyTorch's own float32 and float64 by 0.15 to 0.63, and by 2.3e-7 where the reference decides maxima on values rounded
to 2⁻³⁰, as that of ClinicaDL's architectures does here.`;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};
const sumOf = (rows, value) => rows.reduce((sum, row) => sum + value(row), 0);

function measuredOf(kind) {
  const from = join(root, "bench/results/accuracy");
  return readdirSync(from)
    .filter((file) => file.startsWith(`${kind}-`))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(from, file), "utf8")));
}

const gradientHeads = (first) => [
  first,
  "inputs",
  "by kernels",
  "median",
  "without them",
  "PyTorch float32",
  "largest",
  "without them",
  "PyTorch float32",
  "other decisions",
  "without them",
  "PyTorch float32",
  "decisions",
];

function gradientCells(name, rows) {
  const both = ({ relu, max }) => relu + max;
  const errorsOf = (key) => rows.map((row) => row[key] ?? row.gradientError);
  const keys = ["gradientError", "onnxRuntimeGradientError", "pytorchGradientError"];
  const isOld = (row) => row.onnxRuntimeGradientError === undefined;
  const counts = [
    (row) => both(row.flips),
    (row) => both(row.onnxRuntimeFlips ?? row.flips),
    (row) => both(row.pytorchFlips),
    // Windows of the blocks count once, whatever decides in them.
    (row) => both(row.decided) + (row.decided.windows ?? 0),
  ];
  return [
    name,
    String(rows.length),
    rows.some(isOld) ? "–" : rangeOf(rows.map((row) => row.blocks?.length ?? 0)),
    ...keys.map((key) => error(median(errorsOf(key)))),
    ...keys.map((key) => error(Math.max(...errorsOf(key)))),
    ...counts.map((count) => sumOf(rows, count).toLocaleString("en")),
  ];
}

/** @param {readonly (number | string)[]} values - Numbers, or dates. */
function rangeOf(values) {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : 1));
  const [least, most] = [sorted[0], sorted.at(-1)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/** Gives the row of the summary. */
function writeGradientPage(kind, { page, title, introduction }) {
  const networks = measuredOf(kind);
  const heads = gradientHeads("network");
  const cells = networks.map(({ name, rows }) => gradientCells(name, rows));
  writePage(page, [
    note,
    `# ${title}`,
    introduction,
    `What the columns mean, and what a near-tie is, is on [the page on accuracy](./index.md).`,
    markdownTable(
      heads,
      cells,
      heads.map((_, k) => k > 0),
    ),
  ]);
  return gradientCells(
    `[${title}](./${page}.md)`,
    networks.flatMap(({ rows }) => rows),
  );
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

function writeAll() {
  const tests = new Set(Object.values(tables).flatMap(({ tests }) => tests));
  const status = tool(["vitest", "run", ...tests]);
  if (status === 0) writePages();
  else console.error("the pages stay as they are: a test failed");
  return status;
}

function writeGradients() {
  const index = readFileSync(join(pages, "index.md"), "utf8");
  writeIndex(index.slice(index.indexOf(methodsHeading)).trimEnd());
  return 0;
}

process.env.VOXPLAIN_ACCURACY_DIR = folder;
let status = 1;
try {
  status = process.argv.includes("--gradients") ? writeGradients() : writeAll();
  if (status === 0) status = tool(["biome", "format", "--write", pages]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status;
