import { readFileSync } from "node:fs";

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
}

export function jsonFixture(name: string): unknown {
  return JSON.parse(new TextDecoder().decode(fixture(name)));
}
