// The pages of the API. Warnings are errors: an export, a property or a parameter of the wrong name fails the build.
import { methods } from "@voxplain/saliency";

const entries = {
  "caps-io": ["index"],
  cli: ["index"],
  core: ["index", "node", "testing/index", "web"],
  "group-analysis": ["index", "node/index"],
  kernels: ["index"],
  lowering: ["index"],
  "model-loader": ["index"],
  "onnx-autodiff": ["index"],
  "onnx-graph": ["index"],
  report: ["index"],
  results: ["index"],
  "runtime-node": ["index"],
  "runtime-web": ["index"],
  saliency: ["index"],
  sample: ["index"],
  study: ["index", "node/index"],
  "torch-checkpoint": ["index"],
  writers: ["index", "pictures/index"],
};

/** @type {Partial<import("typedoc").TypeDocOptions> & Partial<import("typedoc-plugin-markdown").PluginOptions>} */
const options = {
  name: "Packages",
  entryPoints: Object.entries(entries).flatMap(([name, files]) =>
    files.map((file) => `../../packages/${name}/src/${file}.ts`),
  ),
  tsconfig: "tsconfig.typedoc.json",
  // `tsc` checks the types of the whole repository already.
  skipErrorChecking: true,
  plugin: ["typedoc-plugin-markdown"],
  out: "pages/api",
  readme: "generated/packages.md",
  mergeReadme: true,
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation: { notDocumented: true, notExported: true, invalidLink: true },
  packagesRequiringDocumentation: Object.keys(entries).map((name) => `@voxplain/${name}`),
  // Each option in the table of methods is documented by its `doc`.
  intentionallyNotDocumented: [...new Set(Object.values(methods).flatMap(({ options }) => namesIn(options)))],
  router: "module",
  entryFileName: "index",
  sanitizeComments: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideModifiers: true, leftAlignHeaders: true },
};

/** What TypeDoc calls the options of a method and their fields. */
function namesIn(methodOptions) {
  return Object.entries(methodOptions).flatMap(([name, option]) => {
    const path = `@voxplain/saliency.methods.__type.${name}`;
    const aliases = Object.keys(option.aliases ?? {}).map((alias) => `aliases.__type.${alias}`);
    return [path, ...[...Object.keys(option), ...aliases].map((field) => `${path}.__type.${field}`)];
  });
}

export default options;
