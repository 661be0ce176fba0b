import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const fileName = "third-party-licences.txt";

/** What is bundled, as far as it matters here: assets have no modules. */
type Bundle = Readonly<Record<string, { readonly moduleIds?: readonly string[] }>>;

/**
 * Puts the licences of all packages of others that are bundled into a file beside the page. One of the two plugins is for the
 * page and emits the file; the other, for its workers, adds what they bundle.
 *
 * @param beside - Licences of what the page loads without bundling it.
 */
export function thirdPartyLicences(beside: readonly string[] = []): {
  readonly ofPage: Plugin;
  readonly ofWorkers: Plugin;
} {
  const folders = new Set<string>();
  const collect = (bundle: Bundle) => {
    for (const id of Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds)) {
      const folder = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/"))?.[1];
      if (folder !== undefined) folders.add(folder);
    }
  };
  return {
    ofPage: {
      name: "third-party-licences",
      generateBundle(_, bundle) {
        collect(bundle);
        const source = [...beside, ...[...folders].map(licenceIn)].sort().join(`\n${"-".repeat(80)}\n\n`);
        this.emitFile({ type: "asset", fileName, source });
      },
    },
    ofWorkers: {
      name: "third-party-licences-of-workers",
      generateBundle(_, bundle) {
        collect(bundle);
      },
    },
  };
}

function licenceIn(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[sc]e/i.test(name));
  const holder = manifest.author?.name ?? manifest.author ?? `the contributors of ${manifest.name}`;
  const text =
    file === undefined
      ? standardText(manifest.name, manifest.license, holder)
      : readFileSync(join(folder, file), "utf8");
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text.trim()}\n`;
}

/** For packages that come without a text of their licence. */
const texts: Readonly<Record<string, string>> = {
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`,
  "BSD-2-Clause": `Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
`,
};

function standardText(name: string, licence: string, holder: string): string {
  const text = texts[licence];
  if (text === undefined) throw new RangeError(`${name} has no text of its licence, ${licence}`);
  return `Copyright (c) ${holder}\n\n${text}`;
}

/** In the folder onnxruntime/. */
export const onnxRuntimeLicence = `onnxruntime-web (MIT)\n\n${standardText("onnxruntime-web", "MIT", "Microsoft Corporation")}`;
