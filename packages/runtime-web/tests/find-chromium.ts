import { existsSync } from "node:fs";

const places = [
  process.env.VOXPLAIN_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser that is installed; where there is none, the reason is printed. */
export function findChromium(): string | undefined {
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found === undefined) {
    process.stderr.write("skipped: tests in the browser, for want of Chromium (or VOXPLAIN_CHROMIUM)\n");
  }
  return found;
}
