// What a user reads: the text of the changeset, without hashes of commits, and which packages it now works with.

/** @param {{ summary: string }} changeset */
async function getReleaseLine({ summary }) {
  const text = summary.trim();
  // A text that is a list already, or several paragraphs, stands as it is.
  return /^[-*] |\n\n/m.test(text) ? `${text}\n` : `- ${text.replaceAll("\n", "\n  ")}`;
}

/** @param {readonly unknown[]} _ @param {readonly { name: string, newVersion: string }[]} updated */
async function getDependencyReleaseLine(_, updated) {
  if (updated.length === 0) return "";
  return `- Works with ${updated.map(({ name, newVersion }) => `${name} ${newVersion}`).join(", ")}`;
}

module.exports = { getReleaseLine, getDependencyReleaseLine };
