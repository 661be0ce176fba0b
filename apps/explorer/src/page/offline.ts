import { recall, remember } from "./remembered.ts";

/** Starts the service worker of the built page, which keeps the files of the first picture. */
export async function registerWorker(page: Document): Promise<ServiceWorkerRegistration | undefined> {
  const script = page.querySelector<HTMLLinkElement>("link[rel=serviceworker]")?.href;
  const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (script === undefined || workers === undefined) return undefined;
  await workers.register(script);
  return workers.ready;
}

/**
 * Where the server sends no headers that isolate the page, it is loaded once more, through the service worker, which adds
 * them: WebAssembly may only have threads in isolated pages.
 * @returns whether the page is about to be loaded again.
 */
export async function isolate(page: Document): Promise<boolean> {
  if (crossOriginIsolated || (await registerWorker(page)) === undefined || hasReloaded()) return false;
  const workers = navigator.serviceWorker;
  if (workers.controller === null) {
    await new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
  }
  location.reload();
  return true;
}

/** Once only: some browsers cannot be isolated in this way. */
function hasReloaded(): boolean {
  const key = "voxplain-reloaded";
  return recall(key, "this") !== undefined || !remember(key, "yes", "this");
}

/** Keeps all files of the page, so that it works without a network from now on. `onKept` is called when it has them. */
export async function keepForOffline(page: Document, onKept: () => void): Promise<void> {
  const registration = await registerWorker(page);
  if (registration === undefined) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data === "kept") onKept();
  });
  registration.active?.postMessage("keep");
}
