// The sessions of the shipped sample with Alzheimer's disease, as its networks get them.
import { fileURLToPath } from "node:url";
import { isFailure, locateSessions, readLabels, readSessions } from "@voxplain/caps-io";
import { directory } from "@voxplain/core/node";

export const sample = fileURLToPath(new URL("../../../sample", import.meta.url));

/** The first `count` of them, in the order of the label list: "sub-…_ses-…" and [1, 85, 104, 90], from 0 to 1. */
export async function* sampleImages(count = Number.POSITIVE_INFINITY) {
  const caps = directory(`${sample}/caps`);
  const labels = { diagnosis: "AD", baseline: false };
  const { sessions } = await readLabels(directory(`${sample}/labels`), "", labels);
  const { found } = await locateSessions(sessions.slice(0, count), {
    images: { preprocessing: "t1-linear-downsampled" },
    settings: { mode: "image" },
    capsOf: () => caps,
  });
  for await (const image of readSessions(found, { normalize: true, readAhead: 2 })) {
    if (isFailure(image)) throw image.error;
    const { participantId, sessionId } = image.session;
    yield { name: `${participantId}_${sessionId}`, input: (await image.read(0)).input };
  }
}
