// Keeps the page's files, so that it works without a network; and isolates the page where the server sends no
// such headers, so that WebAssembly has threads. The build puts `self.shipped` above this line.

const { version, files } = self.shipped;
const cacheName = `voxplain-explorer-${version}`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data !== "keep") return;
  event.waitUntil(keep().then(() => event.source.postMessage("kept")));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || new URL(url).origin !== self.location.origin) return;
  event.respondWith(answer(event.request));
});

async function keep() {
  const cache = await caches.open(cacheName);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = files.filter((file) => !kept.has(new URL(file, self.location.href).href));
  for (const file of missing) await cache.add(file);
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("voxplain-explorer-") && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(request) {
  const kept = await caches.match(request, { ignoreSearch: true });
  return isolated(kept ?? (await fetch(request)));
}

/** What the server may not say: no other page may look into this one, and this one embeds nothing of others. */
function isolated(response) {
  if (response.status === 0 || response.type === "error") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
