/** Vite gives the text of a file. */
declare module "*?raw" {
  const text: string;

  export { text as default };
}

/** Vite gives the text of a style sheet, with what it imports. */
declare module "*?inline" {
  const text: string;

  export { text as default };
}
