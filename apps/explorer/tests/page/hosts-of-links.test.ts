import { expect, it } from "vitest";
import { permittedHosts } from "../../vite/permitted-hosts.ts";

const policy = "default-src 'self'; connect-src 'self' blob: data:";
const built = (hosts?: string) => {
  const { transformIndexHtml } = permittedHosts(hosts);
  if (typeof transformIndexHtml !== "function") throw new TypeError("the plugin changes the page");
  return (transformIndexHtml as (html: string) => string)(policy);
};

it("the page fetches from its own host only, unless others are named when it is built", () => {
  expect(built("")).toBe(policy);
  expect(built("https://zenodo.org https://osf.io")).toBe(
    "default-src 'self'; connect-src 'self' https://zenodo.org https://osf.io blob: data:",
  );
});

it("refuses what is no host: a policy with a mistake would be ignored by browsers", () => {
  expect(() => permittedHosts("https://zenodo.org/records/1")).toThrow(
    "https://zenodo.org/records/1 is no host",
  );
});
