/** A key of BIDS file names: the "acq" of "sub-01_acq-highres_T1w.nii.gz". */
export interface Entity {
  /** As file names have it: "acq". */
  readonly key: string;
  /** As the standard calls it: "acquisition". */
  readonly name: string;
  /** Whether its values are whole numbers, which may begin with zeros. */
  readonly isIndex: boolean;
}

/**
 * The entities of BIDS 1.11.1 (schema 1.2.1, `objects/entities.yaml`), in the order in which file names have them
 * (`rules/entities.yaml`). No registry of npm has the schema, which is a hundred times as long as what is used of it.
 */
const names = {
  sub: "subject",
  tpl: "template",
  ses: "session",
  cohort: "cohort",
  sample: "sample",
  task: "task",
  tracksys: "tracksys",
  acq: "acquisition",
  nuc: "nucleus",
  voi: "volume",
  ce: "ceagent",
  trc: "tracer",
  stain: "stain",
  rec: "reconstruction",
  dir: "direction",
  run: "run",
  mod: "modality",
  echo: "echo",
  flip: "flip",
  inv: "inversion",
  mt: "mtransfer",
  part: "part",
  proc: "processing",
  hemi: "hemisphere",
  space: "space",
  split: "split",
  recording: "recording",
  chunk: "chunk",
  atlas: "atlas",
  seg: "segmentation",
  scale: "scale",
  res: "resolution",
  den: "density",
  label: "label",
  desc: "description",
} as const;

const indices: ReadonlySet<string> = new Set(["run", "echo", "flip", "inv", "split", "chunk"]);

/** Every entity of the standard, in the order of file names. */
export const entities: readonly Entity[] = Object.entries(names).map(([key, name]) => ({
  key,
  name,
  isIndex: indices.has(key),
}));

const byName = new Map(
  entities.flatMap((entity) => [[entity.name, entity] as const, [entity.key, entity] as const]),
);

/** The entity that has this short or long name. */
export function entityOf(name: string): Entity | undefined {
  return byName.get(name);
}
