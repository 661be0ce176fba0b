import { createEngine } from "../engine/create-engine.ts";
import { computing } from "./computing.ts";
import type { DeskAsked } from "./desk-asked.ts";
import { keepForOffline } from "./offline.ts";
import { startPage } from "./page.ts";

/** Loads what maps are made with, and puts it into the place of the first picture. */
export async function openDesk(page: Document, asked: DeskAsked): Promise<void> {
  const compute = computing(page, () => void engine.release());
  const engine = createEngine(compute.makeRuntime);
  page.querySelector(".start")?.remove();
  await startPage(page, engine, compute, asked);
  await keepForOffline(page, () => {
    page.documentElement.dataset.offline = "ready";
  });
}
