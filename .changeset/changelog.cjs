// What a user reads: the text of the changeset, without hashes of commits, and which packages it now works with.

/** @param {{ summary: string }} changeset */
async function getReleaseLine({ summary }) {
  // Each line of a list is an entry; several paragraphs are one.
  const text = summary.trim();
  return /^[-*] /.test(text) ? text : `- ${text.replaceAll(/\n(?=.)/g, "\n  ")}`;
}

/** @param {readonly unknown[]} _ @param {readonly { name: string, newVersion: string }[]} updated */
async function getDependencyReleaseLine(_, updated) {
  if (updated.length === 0) return "";
  return `- Works with ${updated.map(({ name, newVersion }) => `${name} ${newVersion}`).join(", ")}`;
}

module.exports = { getReleaseLine, getDependencyReleaseLine };
