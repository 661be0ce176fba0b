/** What the name of an image says by the rules of BIDS, beside whose it is. */
export interface ImageKind {
  /** The values of its entities by their keys, in the order of the name, without sub and ses: "acq" → "highres". */
  readonly entities: ReadonlyMap<string, string>;
  /** What stands behind the last "_": "T1w". */
  readonly suffix: string;
  /** With its dot, in small letters: ".nii.gz". */
  readonly extension: string;
}

/** What the name of an image says by the rules of BIDS. */
export interface ImageName extends ImageKind {
  /** "sub-01". */
  readonly participantId: string;
  /** "ses-M00"; "" where the name has no session. */
  readonly sessionId: string;
}

/**
 * Takes the name of an image apart; undefined where it is not named by the rules: "sub-…" first, a suffix last, each key
 * once. Between them a word without a key is passed over: ClinicaDL and Clinica write
 * "sub-01_ses-M00_T1w_space-MNI152NLin2009cSym_T1w.nii.gz".
 * @param extension - What it ends with, in small letters.
 */
export function parseImageName(name: string, extension: string): ImageName | undefined {
  if (!name.startsWith("sub-")) return undefined;
  const pieces = name.slice(0, -extension.length).split("_");
  const suffix = pieces.pop();
  if (suffix === undefined || suffix === "" || suffix.includes("-")) return undefined;
  const entities = new Map<string, string>();
  for (const piece of pieces) {
    const dash = piece.indexOf("-");
    if (dash === -1) continue;
    const key = piece.slice(0, dash);
    if (dash === 0 || dash === piece.length - 1 || entities.has(key)) return undefined;
    entities.set(key, piece.slice(dash + 1));
  }
  const sub = entities.get("sub");
  const ses = entities.get("ses");
  if (sub === undefined) return undefined;
  entities.delete("sub");
  entities.delete("ses");
  const sessionId = ses === undefined ? "" : `ses-${ses}`;
  return { participantId: `sub-${sub}`, sessionId, entities, suffix, extension };
}
