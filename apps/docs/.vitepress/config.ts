import { readdirSync } from "node:fs";
import { defineConfig } from "vitepress";

/** Pages of a folder by their file names, without the index. */
function pagesOf(folder: string): string[] {
  const files = readdirSync(new URL(`../pages/${folder}`, import.meta.url));
  return files
    .filter((file) => file.endsWith(".md") && file !== "index.md")
    .map((file) => file.slice(0, -".md".length))
    .sort();
}

const items = (folder: string, names: readonly (readonly [page: string, text: string])[]) =>
  names.map(([page, text]) => ({ text, link: `/${folder}/${page}` }));

const guide = [
  {
    text: "Start",
    items: [
      { text: "What it is", link: "/" },
      ...items("guide", [
        ["quick-start", "Quick start"],
        ["output-files", "Which file answers what"],
        ["cluster", "On a cluster"],
      ]),
    ],
  },
  {
    text: "Coming from",
    items: items("guide", [
      ["from-clinicadl", "ClinicaDL"],
      ["manual-differences", "ClinicaDL's manual, point by point"],
      ["from-captum", "Captum, MONAI, Grad-CAM, zennit"],
    ]),
  },
  {
    text: "Judge it",
    items: [
      { text: "Accuracy", link: "/accuracy/" },
      { text: "Performance", link: "/performance" },
      { text: "Limits", link: "/limits" },
      { text: "Security", link: "/security" },
      { text: "Compatibility", link: "/compatibility" },
      { text: "Architecture", link: "/architecture" },
    ],
  },
];

const methods = [
  {
    text: "Methods",
    link: "/methods/",
    items: pagesOf("methods").map((name) => ({ text: name, link: `/methods/${name}` })),
  },
  { text: "Judging a map", items: [{ text: "Checks", link: "/checks" }] },
];

const formats = [
  { text: "Formats", link: "/formats/" },
  {
    text: "Read",
    items: items("formats", [
      ["model-folder", "Model folder"],
      ["torch-checkpoint", "torch.save checkpoint"],
      ["onnx", "ONNX network"],
      ["caps", "CAPS folder"],
      ["label-lists", "Label lists and cohorts"],
    ]),
  },
  {
    text: "Written",
    items: items("formats", [
      ["npy", "map.npy"],
      ["nifti", "map.nii.gz"],
      ["pictures", "Pictures"],
      ["predictions", "predictions.tsv, metrics.tsv"],
      ["data-tables", "data.tsv, errors.tsv, checks.tsv"],
      ["commandline-json", "commandline.json"],
      ["provenance", "provenance.json"],
      ["gradient-onnx", "Gradient network"],
    ]),
  },
];

const accuracy = [
  { text: "Accuracy", link: "/accuracy/" },
  ...pagesOf("accuracy").map((name) => ({ text: name, link: `/accuracy/${name}` })),
];

// TypeDoc names a page of the API after the module that it describes: @voxplain/core, @voxplain/core/node, …
const apiPages = readdirSync(new URL("../pages/api/@voxplain", import.meta.url), { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".md"))
  .map((file) => `@voxplain/${file.slice(0, -".md".length).replaceAll("\\", "/")}`)
  .sort();
const api = [
  { text: "Packages", link: "/api/", items: apiPages.map((name) => ({ text: name, link: `/api/${name}` })) },
];

export default defineConfig({
  title: "Voxplain",
  description: "Explains what a brain-MRI neural network looked at, voxel by voxel, without Python.",
  lang: "en",
  srcDir: "pages",
  outDir: "dist",
  cleanUrls: false,
  markdown: { math: true },
  themeConfig: {
    nav: [
      { text: "Guide", link: "/guide/quick-start", activeMatch: "^/guide/" },
      { text: "Methods", link: "/methods/", activeMatch: "^/(methods|checks)" },
      { text: "Formats", link: "/formats/", activeMatch: "^/formats/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
    ],
    sidebar: {
      "/methods/": methods,
      "/checks": methods,
      "/formats/": formats,
      "/accuracy/": [
        ...accuracy.slice(0, 1),
        { text: "Comparisons", items: accuracy.slice(1) },
        ...guide.slice(2),
      ],
      "/api/": api,
      "/": guide,
    },
    search: { provider: "local" },
    outline: { level: [2, 3] },
    footer: {
      message: "MIT licence. The sample is simulated; nothing in it says anything about real patients.",
    },
  },
});
