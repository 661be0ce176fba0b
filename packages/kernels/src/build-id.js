// Written by scripts/compile.mjs.
export const buildId = "962605dadbf16e32";
