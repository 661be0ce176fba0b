import type { Plugin } from "vite";

/**
 * Adds hosts to those that the page may fetch files from: `VOXPLAIN_FILE_HOSTS="https://zenodo.org"`. The page says
 * which hosts these are where a link names another one.
 * @throws where one is no address of a host.
 */
export function permittedHosts(given = process.env.VOXPLAIN_FILE_HOSTS ?? ""): Plugin {
  const hosts = given.split(/\s+/).filter(Boolean);
  for (const host of hosts) {
    if (new URL(host).origin !== host)
      throw new Error(`VOXPLAIN_FILE_HOSTS: ${host} is no host, such as https://example.org`);
  }
  return {
    name: "permitted-hosts",
    transformIndexHtml: (html) =>
      html.replace("connect-src 'self'", ["connect-src 'self'", ...hosts].join(" ")),
  };
}
