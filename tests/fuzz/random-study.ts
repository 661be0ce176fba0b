// Random tables, images, atlases and masks for the commands over maps, with names as the world has them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  below,
  chance,
  kindNames,
  normal,
  oneOf,
  type Random,
  type RandomVolume,
  type Rows,
  randomAffine,
  volumeFile,
} from "./random-volumes.ts";

/** What a command is run with, in a folder of its own. */
export interface RandomStudy {
  readonly args: readonly string[];
  /** Where the result goes, below the folder. */
  readonly out: string;
  /** Whether a value was given that its option does not take. */
  readonly isWrongUsage: boolean;
}

/** Names that people, programs and attackers give. */
const hostile = [
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "n/a",
    "N/A",
    "NaN",
    "0",
    "-0",
    "1e3",
    "null",
  ],
  ...[
    "a b",
    "é",
    "日本",
    "🧠",
    "a\u202eb",
    "=1+1",
    '"',
    '"x"',
    "'",
    "a,b",
    "a:b",
    "..",
    "../x",
    "/etc/passwd",
  ],
  ...["a/b", "a\\b", "C:\\x", "<b>", "%00", "$HOME", "-x", "--mask", "TP", "all", "outside", "x".repeat(300)],
];
const groups = ["AD", "CN"] as const;

/** Writes a study into a folder, and chooses a command for it. */
export function randomStudy(folder: string, random: Random): RandomStudy {
  const shape = [0, 1, 2].map(() => 1 + below(random, 6)) as [number, number, number];
  if (shape[2] === 1 && !chance(random, 0.05)) shape[2] = 3;
  const affine = randomAffine(random);
  const codes = chance(random, 0.04)
    ? { sform: 0, qform: 0 }
    : { sform: oneOf(random, [1, 2, 4]), qform: oneOf(random, [0, 0, 1]) };
  const place = { shape, affine, codes };
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    return name;
  };
  const tables = [1, 2, 3]
    .slice(0, 1 + below(random, 3))
    .map((k) => writeTable(write, `maps${k}`, place, random));
  const source = () => {
    const table = oneOf(random, tables);
    return chance(random, 0.3)
      ? `${table}:${chance(random, 0.1) ? oneOf(random, hostile) : oneOf(random, groups)}`
      : table;
  };
  const image = (name: string, limit: number) => writeLabels(write, name, place, limit, random);
  const common = [
    ...(chance(random, 0.3) ? ["--mask", image("mask", 2)] : []),
    ...(chance(random, 0.3)
      ? ["--values", oneOf(random, ["signed", "absolute", "positive", "negative"])]
      : []),
    ...(chance(random, 0.05) ? ["--nifti_template_path", image("template", 3)] : []),
    ...(chance(random, 0.1)
      ? [
          "--group_by",
          chance(random, 0.2)
            ? oneOf(random, ["outcome", "none"])
            : oneOf(random, ["group", "sex", "age", "odd"]),
        ]
      : []),
    ...(chance(random, 0.1) ? ["--participants_tsv", writeParticipants(write, random)] : []),
    ...(chance(random, 0.2) ? ["--threads", oneOf(random, ["1", "2"])] : []),
  ];
  const regions = () => [
    ...["--atlas", image("atlas", 5)],
    ...(chance(random, 0.5) ? ["--labels", writeNames(write, random)] : []),
  ];
  const isWrongUsage = chance(random, 0.03);
  const wrong = isWrongUsage ? ["--values", "all"] : [];
  const target = ["--output_dir", "out"];
  switch (below(random, 6)) {
    case 0:
      return {
        args: [
          "regions",
          ...(chance(random, 0.2) ? [source(), source()] : [source()]),
          ...regions(),
          ...common,
          ...wrong,
          ...target,
        ],
        out: "out",
        isWrongUsage,
      };
    case 1:
      return {
        args: [
          "agreement",
          source(),
          source(),
          ...(chance(random, 0.2) ? [source()] : []),
          ...common,
          ...(chance(random, 0.3) ? ["--top", "0.01", "50", "100"] : []),
          ...wrong,
          ...target,
        ],
        out: "out",
        isWrongUsage,
      };
    case 2:
      return {
        args: [
          "localize",
          source(),
          "--truth",
          image("truth", 2),
          ...common,
          ...(chance(random, 0.3) ? ["--tolerance_mm", oneOf(random, ["0", "3", "1e9"])] : []),
          ...wrong,
          ...target,
        ],
        out: "out",
        isWrongUsage,
      };
    default: {
      const table = oneOf(random, tables);
      const [a, b] = chance(random, 0.7) ? [`${table}:AD`, `${table}:CN`] : [source(), source()];
      return {
        args: [
          "compare",
          a,
          chance(random, 0.2) ? "0" : b,
          "found",
          ...(chance(random, 0.3) ? regions() : []),
          ...comparison(random),
          ...common,
          ...wrong,
          ...target,
        ],
        out: "out/found",
        isWrongUsage,
      };
    }
  }
}

function comparison(random: Random): readonly string[] {
  const some = (share: number, ...words: readonly string[]) => (chance(random, share) ? words : []);
  return [
    ...["--permutations", oneOf(random, ["1", "7", "40", "200"])],
    ...some(0.25, "--paired"),
    ...some(0.25, "--repeated", "blocks"),
    ...some(
      0.3,
      "--covariates",
      ...oneOf(random, [["age"], ["sex"], ["age", "sex"], ["age", "odd"], ["constant"]]),
    ),
    ...some(0.3, "--normalize", oneOf(random, ["mass", "max", "sd"])),
    ...some(0.2, "--fwhm", oneOf(random, ["0.001", "4", "50", "1e6"])),
    ...some(0.2, "--statistic", oneOf(random, ["welch", "difference"]), "--cluster_t", "1"),
    ...some(0.2, "--alternative", oneOf(random, ["greater", "less"])),
    ...some(0.2, "--connectivity", oneOf(random, ["18", "26"])),
    ...some(0.2, "--no_tfce"),
    ...some(
      0.1,
      "--tfce_E",
      oneOf(random, ["0", "1", "100", "-3"]),
      "--tfce_H",
      oneOf(random, ["0", "3", "200", "-0.5"]),
    ),
    ...some(0.1, "--stop_early"),
    ...some(0.2, "--region_value", oneOf(random, ["mean_abs", "sum", "share"])),
    ...some(0.1, "--memory", "1e-9"),
    ...some(0.3, "--seed", String(below(random, 1e6))),
  ];
}

type Write = (name: string, content: string | Uint8Array) => string;
interface Place {
  readonly shape: readonly [number, number, number];
  readonly affine: Rows;
  readonly codes: RandomVolume["codes"];
}

/** Two to twelve rows with a map each; now and then something is wrong. */
function writeTable(write: Write, name: string, place: Place, random: Random): string {
  const people = chance(random, 0.1) ? 1 : 2 + below(random, 5);
  // The same people in both groups.
  const isShared = chance(random, 0.03);
  const perPerson = chance(random, 0.7) ? 1 : 2;
  const scale = oneOf(random, [1, 1, 1, 1e-30, 1e30, 1e-44, 3e38]);
  const kind = oneOf(random, kindNames);
  const style = below(random, 8);
  const rows: string[][] = [];
  const columns = ["participant_id", "session_id", "map", "group", "age", "sex", "odd", "constant"];
  for (const group of chance(random, 0.9) ? groups : ["AD"]) {
    for (let person = 0; person < people; person++) {
      const plain = isShared ? `sub-${person}` : `sub-${group}${person}`;
      const id = chance(random, 0.1)
        ? `${oneOf(random, hostile)}${chance(random, 0.05) ? "" : plain}`
        : plain;
      const [age, sex] = [(60 + 20 * random()).toFixed(1), oneOf(random, ["M", "F"])];
      for (let session = 0; session < perPerson; session++) {
        const path = `${name}/${group}-${person}-${session}.nii${chance(random, 0.5) ? ".gz" : ""}`;
        const bytes = volumeFile(randomMap(place, kind, scale, style, random), path.endsWith("z"));
        write(path, chance(random, 0.001) ? bytes.subarray(0, below(random, bytes.length)) : bytes);
        rows.push([
          id,
          `ses-${session}`,
          chance(random, 0.001) ? oneOf(random, hostile) : path,
          chance(random, 0.03) ? oneOf(random, hostile) : group,
          chance(random, 0.005) ? "n/a" : age,
          sex,
          oneOf(random, [...hostile.slice(0, 12), "1e308", "-1e308", "1e-320"]),
          "1",
        ]);
      }
    }
  }
  const left = columns.filter(
    (column) => !chance(random, ["participant_id", "map"].includes(column) ? 0.005 : 0.02),
  );
  const isQuoted = chance(random, 0.95);
  const newline = chance(random, 0.2) ? "\r\n" : "\n";
  const text = [columns, ...rows]
    .map((cells) =>
      cells
        .filter((_, k) => left.includes(columns[k]!))
        .map(isQuoted ? quoted : String)
        .join("\t"),
    )
    .join(newline);
  return write(`${name}.tsv`, `${chance(random, 0.1) ? "\ufeff" : ""}${text}${newline}`);
}

/** A cell as pandas writes it. */
const quoted = (cell: string) => (cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell);

function randomMap(
  { shape, affine, codes }: Place,
  kind: RandomVolume["kind"],
  scale: number,
  style: number,
  random: Random,
): RandomVolume {
  const count = shape[0] * shape[1] * shape[2];
  const value = (): number => {
    if (chance(random, 0.02)) return oneOf(random, [Number.NaN, Number.POSITIVE_INFINITY, 0, -0]);
    if (style === 0) return 0;
    if (style === 1) return 5;
    if (style === 2) return below(random, 3) - 1;
    if (style === 3) return Math.abs(normal(random)) * scale;
    return normal(random) * scale * (kind.includes("int") ? 20 : 1);
  };
  const limit = kind === "int8" ? 127 : kind === "uint8" ? 255 : 32000;
  const isWhole = kind.includes("int");
  const clamp = (x: number) =>
    isWhole ? Math.max(kind.startsWith("u") ? 0 : -limit, Math.min(limit, x)) : x;
  const isEmpty = chance(random, 0.02);
  const volumes = chance(random, 0.001) ? 2 : 1;
  return {
    dims: chance(random, 0.1) || volumes > 1 ? [...shape, volumes] : shape,
    values: Array.from({ length: count * volumes }, () => (isEmpty ? 0 : clamp(value()))),
    kind,
    affine: chance(random, 0.001) ? randomAffine(random) : affine,
    codes,
    slope: isWhole ? oneOf(random, [1, 0, 0.5, Number.NaN, 1e-3]) : 1,
    intercept: isWhole ? oneOf(random, [0, 0, 3]) : 0,
    bigEndian: chance(random, 0.3),
  };
}

/** A mask, an atlas or a truth: mostly on the grid of the maps, now and then on another, or not what it should be. */
function writeLabels(
  write: Write,
  name: string,
  { shape, affine, codes }: Place,
  limit: number,
  random: Random,
): string {
  const isOther = chance(random, 0.3);
  const dims = isOther ? [0, 1, 2].map(() => 2 + below(random, 8)) : shape;
  const kind = oneOf(random, kindNames);
  const odd = chance(random, 0.04) ? oneOf(random, [0.4, -1, Number.NaN, 3e9]) : undefined;
  const count = dims[0]! * dims[1]! * dims[2]!;
  const bytes = volumeFile(
    {
      dims,
      values: Array.from({ length: count }, () =>
        odd !== undefined && chance(random, 0.2) && !kind.includes("int") ? odd : below(random, limit),
      ),
      kind,
      affine: isOther && chance(random, 0.3) ? randomAffine(random) : affine,
      codes: chance(random, 0.02) ? { sform: 0, qform: 0 } : codes,
    },
    true,
  );
  return write(`${name}.nii.gz`, bytes);
}

function writeParticipants(write: Write, random: Random): string {
  const rows = ["AD", "CN"].flatMap((group) =>
    [0, 1, 2, 3].map(
      (k) => `sub-${group}${k}\t${oneOf(random, ["M", "F", ...hostile].map(quoted))}\t${60 + k}`,
    ),
  );
  return write("participants.tsv", `participant_id\tsite\tage\n${rows.join("\n")}\n`);
}

function writeNames(write: Write, random: Random): string {
  const name = () => oneOf(random, hostile).replaceAll(/[\t\n]/g, " ");
  const numbers = [1, 2, 3, 9].filter(() => chance(random, 0.8));
  switch (chance(random, 0.15) ? 3 : below(random, 3)) {
    case 0:
      return write(
        "names.tsv",
        `index\tname\n${numbers.map((k) => `${k}\t${name().replaceAll('"', "")}\n`).join("")}`,
      );
    case 1:
      return write(
        "lut.txt",
        numbers.map((k) => `${k} ${name().replaceAll(/\s/g, "-") || "x"} 1 2 3 0\n`).join(""),
      );
    case 2:
      return write(
        "atlas.xml",
        `<atlas><data>${numbers.map((k) => `<label index="${k}"><![CDATA[${name()}]]></label>`).join("")}</data></atlas>`,
      );
    default:
      return write(
        "odd.tsv",
        oneOf(random, ["", "index\n", "a\tb\n1\t2\n", "index\tname\nx\ty\n", "<a", "\0\0"]),
      );
  }
}
