/** What `compare.json` calls the generator and the scheme, so that another program can draw the same relabellings. */
export const generatorName =
  "sfc32, one stream per relabelling (words: number, seed mod 2^32, floor(seed / 2^32); counter 1; 15 outputs dropped)";

/**
 * Chris Doty-Humphrey's small fast counting generator (PractRand's sfc32), one stream for each seed and number,
 * so that a relabelling is the same whichever worker draws it.
 */
export function randomWords(seed: number, number: number): () => number {
  let a = number >>> 0;
  let b = seed >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 1;
  const next = (): number => {
    const word = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + word) >>> 0;
    return word;
  };
  for (let k = 0; k < 15; k++) next();
  return next;
}

/** A whole number below `limit`, all equally likely: words of the incomplete last round are drawn again. */
export function randomBelow(next: () => number, limit: number): number {
  const top = 2 ** 32 - (2 ** 32 % limit);
  let word = next();
  while (word >= top) word = next();
  return word % limit;
}
