import { existsSync, readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitepress";
import { thirdPartyLicences } from "../../explorer/vite/third-party.ts";
import { addCheckedLine } from "./checked.ts";
import { searchWords, sectionWeight } from "./search.ts";
import { keepOptionsWhole } from "./whole-options.ts";

const pages = new URL("../pages/", import.meta.url);

// scripts/build.mjs makes what is read here and is not there in a fresh checkout.
const namesFile = new URL("../generated/method-names.json", import.meta.url);
const methodNames: string[] = existsSync(namesFile) ? JSON.parse(readFileSync(namesFile, "utf8")) : [];

/** The icon of the page that explains images, in each page itself: so it has the same address wherever the site is put. */
const icon = readFileSync(new URL("../../explorer/public/icon.svg", import.meta.url), "utf8");
const iconAddress = `data:image/svg+xml,${encodeURIComponent(icon)}`;

/** The pages of a folder but its index, by the order of a list or of their names, under their headings. */
function pagesOf(folder: string, order: readonly string[] = []) {
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return readdirSync(new URL(folder, pages))
    .filter((file) => file.endsWith(".md") && file !== "index.md")
    .map((file) => file.slice(0, -".md".length))
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .map((name) => ({ text: headingOf(`${folder}/${name}.md`), link: `/${folder}/${name}` }));
}

const headingOf = (file: string) => /^# (.*)$/m.exec(readFileSync(new URL(file, pages), "utf8"))?.[1] ?? file;

const items = (folder: string, names: readonly (readonly [page: string, text: string])[]) =>
  names.map(([page, text]) => ({ text, link: `/${folder}/${page}` }));

const guide = [
  {
    text: "Start",
    items: [
      { text: "What it is", link: "/" },
      { text: "Gallery of methods", link: "/gallery" },
      ...items("guide", [
        ["quick-start", "Quick start"],
        ["cohorts", "Your own images"],
        ["output-files", "Which file answers what"],
        ["findings", "From maps to a finding"],
        ["report", "A report for reviewers"],
        ["atlases", "Atlases"],
        ["known-truth", "Checked against known truth"],
        ["cluster", "On a cluster"],
        ["web-pages", "In your own web page"],
      ]),
    ],
  },
  {
    text: "Tutorials",
    link: "/tutorials/",
    items: items("tutorials", [
      ["browser", "A first map in the browser"],
      ["manual", "ClinicaDL's manual"],
      ["ad-cn", "AD against CN"],
      ["trust", "Choosing and trusting a method"],
      ["onnx", "From PyTorch or MONAI and BIDS"],
      ["viewers", "FSLeyes, nilearn, SPM, Slicer"],
    ]),
  },
  {
    text: "Coming from",
    items: items("guide", [
      ["from-clinicadl", "ClinicaDL 0.2"],
      ["from-maps", "ClinicaDL 1.x (MAPS)"],
      ["manual-differences", "ClinicaDL's manual, point by point"],
      ["from-captum", "Captum, MONAI, Grad-CAM, zennit"],
    ]),
  },
  {
    text: "Judge it",
    items: [
      { text: "Comparison with other tools", link: "/comparison" },
      { text: "Accuracy", link: "/accuracy/" },
      { text: "Maps of Captum, zennit, MONAI", link: "/accuracy/tools" },
      { text: "Performance", link: "/performance" },
      { text: "Large cohorts", link: "/scale" },
      { text: "Limits", link: "/limits" },
      { text: "Security", link: "/security" },
      { text: "Compatibility", link: "/compatibility" },
      { text: "Migration", link: "/migration" },
      { text: "Architecture", link: "/architecture" },
    ],
  },
];

const methods = [
  { text: "Methods", link: "/methods/", items: pagesOf("methods", methodNames) },
  { text: "Judging a map", items: [{ text: "Checks", link: "/checks" }] },
];

const formats = [
  { text: "Formats", link: "/formats/" },
  {
    text: "Read",
    items: items("formats", [
      ["model-folder", "Model folder"],
      ["maps", "MAPS"],
      ["torch-checkpoint", "torch.save checkpoint"],
      ["onnx", "ONNX network"],
      ["caps", "CAPS folder"],
      ["label-lists", "Label lists and cohorts"],
      ["image-tables", "Tables of images"],
      ["bids", "BIDS datasets"],
    ]),
  },
  {
    text: "Written",
    items: items("formats", [
      ["npy", "map.npy"],
      ["nifti", "NIfTI and positions"],
      ["pictures", "Pictures"],
      ["predictions", "predictions.tsv, metrics.tsv"],
      ["data-tables", "data.tsv, errors.tsv, checks.tsv"],
      ["commandline-json", "commandline.json"],
      ["provenance", "provenance.json"],
      ["gradient-onnx", "Gradient network"],
    ]),
  },
];

const reference = [
  {
    text: "Reference",
    link: "/reference/",
    items: [
      ...items("reference", [
        ["options", "Commands and options"],
        ["errors", "Errors and exit statuses"],
        ["schemas", "JSON Schemas"],
      ]),
      { text: "Methods", link: "/methods/" },
      { text: "File formats", link: "/formats/" },
      { text: "API", link: "/api/" },
    ],
  },
];

const accuracy = [{ text: "Accuracy", link: "/accuracy/", items: pagesOf("accuracy") }, ...guide.slice(-1)];

// TypeDoc names a page of the API after the module that it describes: @voxplain/core, @voxplain/core/node, …
const apiFolder = new URL("api/@voxplain", pages);
const apiPages = (existsSync(apiFolder) ? readdirSync(apiFolder, { recursive: true }) : [])
  .map(String)
  .filter((file) => file.endsWith(".md"))
  .map((file) => `@voxplain/${file.slice(0, -".md".length).replaceAll("\\", "/")}`)
  .sort();
const api = [
  { text: "Packages", link: "/api/", items: apiPages.map((name) => ({ text: name, link: `/api/${name}` })) },
];

/** The first page is alone; pages that are one wide table have the room of the outline, too. */
function matterOf(page: string) {
  if (page === "index.md") return { sidebar: false, aside: false, pageClass: "landing" };
  if (!/^(accuracy\/|comparison|gallery|guide\/manual-differences)/.test(page)) return {};
  return { aside: false, pageClass: /^accuracy\/(?!index)/.test(page) ? "figures" : "" };
}

export default defineConfig({
  title: "Voxplain",
  description: "Explains what a brain-MRI neural network looked at, voxel by voxel, without Python.",
  lang: "en",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: iconAddress }]],
  // The folder of the server that the site is put into, such as "/voxplain/".
  base: process.env.VOXPLAIN_SITE_BASE ?? "/",
  srcDir: "pages",
  outDir: "dist",
  transformPageData: ({ relativePath, frontmatter }) => ({
    frontmatter: { ...frontmatter, ...matterOf(relativePath) },
  }),
  // The page that explains images is put beside the site.
  ignoreDeadLinks: [/^(\.?\/)?explorer\//],
  markdown: {
    math: true,
    config(markdown) {
      addCheckedLine(markdown);
      keepOptionsWhole(markdown);
    },
  },
  vite: { plugins: [thirdPartyLicences().ofPage] },
  themeConfig: {
    logo: { src: iconAddress, alt: "" },
    nav: [
      { text: "Guide", link: "/guide/quick-start", activeMatch: "^/guide/" },
      { text: "Tutorials", link: "/tutorials/", activeMatch: "^/tutorials/" },
      { text: "Methods", link: "/methods/", activeMatch: "^/(methods|checks)" },
      { text: "Formats", link: "/formats/", activeMatch: "^/formats/" },
      { text: "Reference", link: "/reference/", activeMatch: "^/reference/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
    ],
    sidebar: {
      "/methods/": methods,
      "/checks": methods,
      "/formats/": formats,
      "/reference/": reference,
      "/accuracy/": accuracy,
      "/api/": api,
      "/": guide,
    },
    // All words of what is looked for.
    search: {
      provider: "local",
      options: {
        miniSearch: {
          options: { tokenize: searchWords },
          searchOptions: { combineWith: "AND", boostDocument: sectionWeight },
        },
      },
    },
    outline: { level: [2, 3] },
    footer: {
      message: "MIT licence. The sample is simulated; nothing in it says anything about real patients.",
    },
  },
});
