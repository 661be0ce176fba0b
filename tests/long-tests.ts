/** `npm run test:long` runs every case; `npm test` one short case of each kind. */
export const isLong = process.env.VOXPLAIN_LONG_TESTS === "1";

/** All cases in a long run, else those that stand for their kind. */
export function casesOf<Case>(all: readonly Case[], short: (one: Case) => boolean): readonly Case[] {
  const chosen = isLong ? all : all.filter(short);
  if (chosen.length === 0) throw new RangeError("no case is left for a short run");
  return chosen;
}
