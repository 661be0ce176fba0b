/** What a report shows. Every text in it is shown as text, whatever it holds. */
export interface Report {
  /** The heading. */
  readonly title: string;
  /** When it was made. */
  readonly made: Date;
  /** What made it. */
  readonly program: {
    /** "Voxplain". */
    readonly name: string;
    /** Version of the program. */
    readonly version: string;
    /** How to cite it, in one line. */
    readonly citation: string;
  };
  /** Whether participants have their identifiers, or numbers instead. */
  readonly participants: "identified" | "numbered";
  /** A sentence on how to make the report without identifiers, for the notice at its top. */
  readonly withoutIdentifiers?: string;
  /** Each has its own section, in this order. */
  readonly results: readonly ReportedResult[];
}

/** What a folder of results holds. */
export type ReportedResult =
  | ReportedJob
  | ReportedRegions
  | ReportedComparison
  | ReportedAgreement
  | ReportedLocalization;

/** A table as it is stored: numbers may be text. */
export interface ReportedTable {
  /** In their order. */
  readonly columns: readonly string[];
  /** By the names of the columns. */
  readonly rows: readonly Readonly<Record<string, string | number | null | undefined>>[];
}

/** A picture that is part of the page. */
export interface ReportedPicture {
  /** The bytes of a PNG or JPEG. */
  readonly bytes: Uint8Array;
  /** What the bytes are. */
  readonly type: "image/png" | "image/jpeg";
  /** What can be seen, for readers who cannot see it. */
  readonly alternative: string;
  /** The text below it. */
  readonly caption: string;
}

/** A name and its value. */
export interface Fact {
  /** "fold". */
  readonly name: string;
  /** As text. */
  readonly value: string;
}

/** A file and what identifies its bytes. */
export interface FileDigest {
  /** Its path. */
  readonly file: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** How a result was made. */
export interface ReportedRecord {
  /** The name of its folder, which is the heading of its section. */
  readonly name: string;
  /** The path of its folder; undefined for a result that was not written to one. */
  readonly folder?: string | undefined;
  /** As it was typed, word by word; undefined for records of before commands were kept. */
  readonly command?: readonly string[] | undefined;
  /** What a shell runs before it, to write files which the command takes; on one line. */
  readonly preparation?: string | undefined;
  /** When the command began, as ISO 8601. */
  readonly started?: string | undefined;
  /** Every option that was used, by its name on the command line. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Versions by package. */
  readonly versions: Readonly<Record<string, string>>;
  /** What computed it: runtime, device, system. */
  readonly machine?: string | undefined;
  /** What the user was warned of. */
  readonly warnings: readonly string[];
  /** The files that it was made of, where their digests are known. */
  readonly inputs: readonly FileDigest[];
  /** The files that were written. */
  readonly outputs: readonly FileDigest[];
}

/** Maps or predictions of a cohort. */
export interface ReportedJob extends ReportedRecord {
  /** Maps of each session, their mean, or predictions alone. */
  readonly kind: "maps" | "mean map" | "predictions";
  /** What was explained: "the logit of AD". */
  readonly explained?: string | undefined;
  /** The method of the maps. */
  readonly method?: ReportedMethod | undefined;
  /** The network. */
  readonly model: ReportedModel;
  /** Whose images. */
  readonly cohort: ReportedCohort;
  /** predictions.tsv. */
  readonly predictions?: ReportedTable | undefined;
  /** How good the predictions are. */
  readonly metrics?: ReportedTable | undefined;
  /** Shares of right predictions: quantity, share, from and to of the 95 % interval, right, of. */
  readonly shares?: ReportedTable | undefined;
  /** What the metrics mean, and where they are from. */
  readonly metricsNote?: string | undefined;
  /** The mean map, or the map of the only session. */
  readonly pictures: readonly ReportedPicture[];
  /** Values of the map and how they were found, where they are known. */
  readonly map?: readonly Fact[] | undefined;
  /** How the maps resemble each other; of maps of each session. */
  readonly typicality?: ReportedTypicality | undefined;
  /** A row for each check and quantity. */
  readonly checks?: ReportedTable | undefined;
  /** Plots of the checks. */
  readonly curves: readonly ReportedPicture[];
}

/** A method as it was used. */
export interface ReportedMethod {
  /** As papers write it. */
  readonly title: string;
  /** What the map shows, without a full stop. */
  readonly summary: string;
  /** Authors, year, and arXiv number or DOI; undefined for a method that this version does not know. */
  readonly paper?: string | undefined;
  /** The method whose maps it takes, for one that takes another. */
  readonly inner?: InnerMethod | undefined;
  /** Options with the values that were used. */
  readonly options: readonly Fact[];
}

/** A method whose maps another one takes. */
export interface InnerMethod {
  /** Its name for people. */
  readonly title: string;
  /** Its reference. */
  readonly paper: string;
}

/** The network of a job. */
export interface ReportedModel {
  /** The path of its weights. */
  readonly file: string;
  /** Digest of that file. */
  readonly sha256: string;
  /** Its name. */
  readonly architecture: string;
  /** What else is known: fold, selection, epoch, parameters. */
  readonly facts: readonly Fact[];
  /** Whether it was trained with ClinicaDL. */
  readonly isOfClinicaDl: boolean;
}

/** Whose images a job used, and which were left out. */
export interface ReportedCohort {
  /** How many sessions are in the result. */
  readonly sessions: number;
  /** Number of participants. */
  readonly participants: number;
  /** Numbers of sessions by the values of a column, and means of numbers: "diagnosis" "AD 7, CN 3". */
  readonly facts: readonly Fact[];
  /** Who is not in the result, and why. */
  readonly leftOut: readonly {
    /** Participant and session. */
    readonly session: string;
    /** A sentence. */
    readonly reason: string;
  }[];
}

/** How the maps of a job resemble each other. */
export interface ReportedTypicality {
  /** A row for each session: correlation, mean |m|. */
  readonly table: ReportedTable;
  /** Pictures of the most typical sessions, the most typical first. */
  readonly typical: readonly ReportedPicture[];
  /** Pictures of the least typical sessions, the least typical first. */
  readonly extreme: readonly ReportedPicture[];
}

/** Where the maps of a finding are from. */
export interface ReportedSource {
  /** As it was given. */
  readonly text: string;
  /** How many maps it has. */
  readonly maps: number;
  /** What the positive class is called, where groups are outcomes. */
  readonly positive?: string | undefined;
}

/** A folder of `voxplain regions`. */
export interface ReportedRegions extends ReportedRecord {
  /** Which command. */
  readonly kind: "regions";
  /** In their order. */
  readonly sources: readonly ReportedSource[];
  /** regions_groups.tsv. */
  readonly groups: ReportedTable;
  /** Pictures of mean maps. */
  readonly pictures: readonly ReportedPicture[];
}

/** A folder of `voxplain compare`. */
export interface ReportedComparison extends ReportedRecord {
  /** Which command. */
  readonly kind: "comparison";
  /** A, then B. */
  readonly sources: readonly ReportedSource[];
  /** compare.json without options and sources: n_a, n_b, df, distinct, exact, permutations, … */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Voxels whose corrected p is at most 0.05, and the smallest p, by the statistic and by TFCE where it was computed. */
  readonly voxels: readonly {
    /** "t" or "TFCE". */
    readonly by: string;
    /** How many are at most 0.05. */
    readonly significant: number;
    /** The smallest. */
    readonly smallest: number;
    /** The standard error of the smallest, with `--tail`. */
    readonly error?: number | undefined;
  }[];
  /** clusters.tsv. */
  readonly clusters: ReportedTable;
  /** regions.tsv; undefined without an atlas. */
  readonly regions?: ReportedTable | undefined;
  /** Largest statistics of the relabellings, and what was observed. */
  readonly nullMaxima?: NullMaxima | undefined;
  /** Glass brain, planes. */
  readonly pictures: readonly ReportedPicture[];
}

/** The largest statistic of each relabelling, beside what was observed. */
export interface NullMaxima {
  /** One of each relabelling. */
  readonly values: readonly number[];
  /** The largest one of the groups as they are. */
  readonly observed: number;
}

/** A folder of `voxplain agreement`. */
export interface ReportedAgreement extends ReportedRecord {
  /** Which command. */
  readonly kind: "agreement";
  /** In their order. */
  readonly sources: readonly ReportedSource[];
  /** agreement_summary.tsv. */
  readonly summary: ReportedTable;
  /** agreement.tsv. */
  readonly sessions: ReportedTable;
}

/** A folder of `voxplain localize`. */
export interface ReportedLocalization extends ReportedRecord {
  /** Which command. */
  readonly kind: "localization";
  /** In their order. */
  readonly sources: readonly ReportedSource[];
  /** localization.tsv. */
  readonly sessions: ReportedTable;
}
