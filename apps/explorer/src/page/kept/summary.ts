import { forgetRemembered, recall, remember } from "../remembered.ts";

/** Which desk is open in this tab: the first picture ends it. */
export const inThisTab = "voxplain-desk";

const key = "voxplain-kept";

/** What is kept from an earlier visit, in words: "3 maps, 29 November". The first picture shows it without opening the database. */
export function keptSummary(): string | undefined {
  return recall(key);
}

export function setKeptSummary(maps: number): void {
  const day = new Date().toLocaleDateString("en", { day: "numeric", month: "long" });
  remember(key, `${maps === 1 ? "1 map" : `${maps} maps`}, ${day}`);
}

export function clearKeptSummary(): void {
  forgetRemembered(key);
}
