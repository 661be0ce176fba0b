import { createHash } from "node:crypto";
import { reportHtml } from "@voxplain/report";
import { describe, expect, it } from "vitest";
import { toyComparison, toyJob, toyReport } from "./toy-report.ts";

const people = ["sub-01", "sub-02"];
const page = () => reportHtml(toyReport([toyJob(people), toyComparison()]));

/** What a reader sees: without tags, entities resolved. */
function textOf(html: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return html
    .replaceAll(/<style>[\s\S]*?<\/style>/g, "")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&([\w#]+);/g, (_, name: string) => entities[name] ?? "")
    .replaceAll(/\s+/g, " ");
}

describe("a report", () => {
  it("has a section for each result, in the order given, and is found in the contents", async () => {
    const html = await page();
    const headings = Array.from(html.matchAll(/<h2 id="([\w-]+)">(.*?)<\/h2>/g), ([, id, text = ""]) => [
      id,
      textOf(text),
    ]);
    expect(headings).toEqual([
      ["result-1", "Maps: AD"],
      ["result-2", "Comparison: AD_CN"],
      ["methods", "Methods"],
      ["commands", "Commands to repeat it"],
    ]);
    for (const [id] of headings) expect(html).toContain(`<a href="#${id}">`);
  });

  it("says at the top that it holds identifiers and brain images", async () => {
    expect(
      textOf(await page()).indexOf("This report holds participant identifiers and brain images."),
    ).toBeLessThan(300);
  });

  it("names who was left out and why, the model with its digest, and the warnings", async () => {
    const text = textOf(await page());
    expect(text).toContain("sub-02 ses-M12the image is damaged");
    expect(text).toContain("28be2d9865ed39083347edae7339ad566043650aa071dc3842a3a710f3c29f1b");
    expect(text).toContain("sub-01 ses-M00: its map is weak");
  });

  it("lists clusters and regions by their significance, and marks it without colour too", async () => {
    const html = await page();
    const clusters = html.slice(html.indexOf("<caption>Clusters"));
    const rows = Array.from(clusters.matchAll(/<th scope="row">(.*?)<\/th>/g), ([, text = ""]) =>
      textOf(text),
    );
    expect(rows.slice(0, 2)).toEqual(["2", "1"]);
    expect(textOf(clusters)).toContain("0.03 *0.002 *");
    expect(textOf(clusters)).toContain("[−26 −18 −16]");
    expect(textOf(html)).toContain("1 region with pFWE ≤ 0.05");
  });

  it("gives p with its standard error where the tail of the null distribution was fitted, and says what it is", async () => {
    const comparison = toyComparison();
    const withErrors = {
      columns: [...comparison.clusters.columns, "p_fwe_size_se", "p_fwe_mass_se"],
      rows: comparison.clusters.rows.map((row) => ({
        ...row,
        p_fwe_size_se: "0.00411",
        p_fwe_mass_se: "0.0005",
      })),
    };
    const regions = {
      columns: ["name", "p", "p_fwe", "p_se", "p_fwe_se"],
      rows: [{ name: "Hippocampus_L", p: "0.0002", p_fwe: "0.002", p_se: "0.00003", p_fwe_se: "0.0007" }],
    };
    const voxels = [{ by: "t", significant: 3, smallest: 0.01, error: 0.0021 }];
    const html = await reportHtml(toyReport([{ ...comparison, clusters: withErrors, regions, voxels }]));
    const text = textOf(html);
    expect(text).toContain("0.03 ± 0.0041 *");
    expect(text).toContain("0.002 ± 5.00 × 10⁻⁴ *");
    expect(text).toContain("0.0002 ± 3.00 × 10⁻⁵");
    expect(text).toContain("the smallest is 0.01 ± 0.0021.");
    expect(text).toContain("± is the standard error of p");
    expect(textOf(await page())).not.toContain("±");
  });

  it("gives shares of right predictions with their intervals", async () => {
    const shares = {
      columns: ["quantity", "share", "from", "to", "right", "of"],
      rows: [{ quantity: "accuracy", share: 0.85, from: 0.6396, to: 0.9476, right: 17, of: 20 }],
    };
    const text = textOf(await reportHtml(toyReport([{ ...toyJob(people), shares }])));
    expect(text).toContain("accuracy0.850.63960.94761720");
    expect(text).toContain("Accuracy is given with a 95 % interval (Wilson 1927).");
  });

  it("has a column of warnings where there are warnings, and says which sessions have none", async () => {
    const job = toyJob(people);
    const { columns = [], rows = [] } = job.predictions ?? {};
    const tableWith = async (warnings: readonly string[]) => {
      const predictions = {
        columns: [...columns, "warnings"],
        rows: rows.map((row, k) => ({ ...row, warnings: warnings[k] ?? "" })),
      };
      const html = await reportHtml(toyReport([{ ...job, predictions }]));
      return textOf(html.replace(/[\s\S]*<caption>Predictions/, "").replace(/<\/table>[\s\S]*/, ""));
    };
    expect(await tableWith(["", ""])).not.toMatch(/warnings|n\/a/);
    const some = await tableWith(["", "it is pale"]);
    expect(some).toContain("0.75none");
    expect(some).toContain("0.75it is pale");
  });

  it("shows how far three and more sources agree as a square, too", async () => {
    const { command: _, ...record } = { ...toyComparison(), kind: "agreement" as const };
    const summary = {
      columns: ["source_a", "source_b", "pearson_mean"],
      rows: [
        { source_a: "1", source_b: "2", pearson_mean: "0.9" },
        { source_a: "1", source_b: "3", pearson_mean: "0.2" },
        { source_a: "2", source_b: "3", pearson_mean: "0.3" },
      ],
    };
    const sources = ["fold-0", "fold-1", "fold-2"].map((text) => ({ text, maps: 4 }));
    const sessions = { columns: [], rows: [] };
    const text = textOf(await reportHtml(toyReport([{ ...record, sources, summary, sessions }])));
    expect(text).toContain("source 1–0.90.2");
    expect(text).toContain("source 30.20.3–");
  });

  it("shows each row of a long table once, at most 500, and names the file that has the others", async () => {
    const many = Array.from({ length: 700 }, (_, k) => `sub-${k}x`);
    const html = await reportHtml(toyReport([{ ...toyJob(many), inputs: [], outputs: [], warnings: [] }]));
    const predictions = html.slice(html.indexOf("<h3>Predictions"), html.indexOf("<h3>Mean map"));
    expect(predictions.split("<bdi>sub-").length - 1).toBe(500);
    expect(new Set(predictions.match(/sub-\d+x/g)).size).toBe(500);
    expect(textOf(predictions)).toContain(
      "This page has 500 of the 700 rows: all of them are in predictions.tsv.",
    );
  });

  it("gives tables distinct labels, for lists of landmarks", async () => {
    const html = await reportHtml(toyReport([toyJob(people), toyJob(people), toyComparison()]));
    const labels = Array.from(
      html.matchAll(/role="region" tabindex="0" aria-label="([^"]*)"/g),
      ([, label]) => label,
    );
    expect(labels.length).toBeGreaterThan(8);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels).toContain("Result 2: Predictions");
  });

  it("gives commands in the order in which they ran, quoted for a shell", async () => {
    const text = textOf((await page()).replace(/[\s\S]*<h2 id="commands">/, ""));
    expect(text).toContain(
      String.raw`voxplain interpret individual /caps/sub-01/model AD 'it'\''s' voxplain compare AD:AD AD:CN AD_CN`,
    );
  });

  it("gives every picture a text, a caption and a way to enlarge it by the keyboard", async () => {
    const html = await page();
    const figures = Array.from(html.matchAll(/<figure>[\s\S]*?<\/figure>/g), ([figure]) => figure);
    const pictures = figures.filter((figure) => figure.includes("<img"));
    expect(pictures).toHaveLength(4);
    for (const figure of pictures) {
      expect(figure).toMatch(
        /<details class="zoom"><summary><img src="data:image\/png;base64,[^"]+" alt="[^"]{5,}">/,
      );
      expect(figure).toContain("<figcaption>");
    }
  });

  it("has one heading of the first level, and never skips a level", async () => {
    const levels = Array.from((await page()).matchAll(/<h(\d)/g), ([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, k) => {
      if (k > 0) expect(level - (levels[k - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });
});

describe("a report is one file that runs nothing:", () => {
  it("it has no scripts, no attributes that run, no inline styles and nothing from elsewhere", async () => {
    const html = await page();
    expect(html).not.toMatch(/<(script|iframe|object|embed|link|base|form)\b/i);
    expect(html).not.toMatch(/\son\w+\s*=|\sstyle\s*=|javascript:|@import|url\(/i);
    const sources = Array.from(html.matchAll(/\ssrc="([^"]{0,12})/g), ([, start]) => start);
    expect(new Set(sources)).toEqual(new Set(["data:image/p"]));
    for (const [, link] of html.matchAll(/\shref="([^"]*)"/g))
      expect(link).toMatch(/^(#|https:\/\/doi\.org\/)/);
  });

  it("its policy forbids everything but its own style and pictures", async () => {
    const html = await page();
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    expect(html.replaceAll("&#39;", "'")).toContain(
      `content="default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    );
  });

  const hostile = [
    `<script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `'--></style><svg onload=alert(1)>`,
    "sub-&lt;b&gt;",
    "]]><![CDATA[",
    "sub-\u202Egnp.exe",
    "sub-\u0000\u0007\u001b[31m",
    "a\ud800b",
    "sub-\u2066\u200b\ufeff",
  ];
  it.each(hostile)(
    "a participant called %j is shown, and changes nothing of the page",
    async (participant) => {
      const plain = await reportHtml(toyReport([toyJob(["sub-01", "sub-02"])]));
      const html = await reportHtml({ ...toyReport([toyJob([participant, "sub-02"])]), title: participant });
      const tags = (text: string) => Array.from(text.matchAll(/<\/?\w+/g), ([tag]) => tag);
      expect(tags(html)).toEqual(tags(plain));
      expect(html.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      const visible = participant
        .replaceAll(
          /[\p{Cc}\p{Cf}\p{Cs}]/gu,
          (c) => `⟨U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
        )
        .replaceAll(/\s+/g, " ");
      expect(textOf(html)).toContain(visible);
    },
  );
});

describe("the methods text", () => {
  const methods = async (...results: Parameters<typeof toyReport>[0]) => {
    const html = await reportHtml(toyReport(results));
    return textOf(html.slice(html.indexOf('<h2 id="methods">'), html.indexOf('<h2 id="commands">')));
  };

  it("cites the method, its options, ClinicaDL and the checks", async () => {
    const text = await methods(toyJob(people));
    expect(text).toContain(
      "Saliency maps of the logit of AD of a neural network were computed for 2 sessions of 2 participants by integrated gradients " +
        "(Sundararajan et al. 2017) with Voxplain 0.3.0. The method ran with steps = 8. The network (Conv5_FC3) was trained with ClinicaDL " +
        "(Thibeau-Sutre et al. 2022). Its weights are those of fold 0. 1 session was left out. The maps were checked by infidelity (Yeh et al. 2019).",
    );
    expect(text).toContain("https://doi.org/10.48550/arXiv.1703.01365");
    expect(text).toContain("Voxplain contributors (2026)");
  });

  it("describes the network and one map in sentences", async () => {
    const job = toyJob(people);
    const facts = Object.entries({
      ...{ fold: "0", selection: "best_balanced_accuracy", epoch: "12", "weights key": "model" },
      ...{ parameters: "39872", input: "1 × 85 × 104 × 90", preprocessing: "t1-linear" },
      ...{ "written by": "ClinicaDL 1.6.1 (MAPS)", sees: "whole images" },
    }).map(([name, value]) => ({ name, value }));
    const text = await methods({
      ...{ ...job, model: { ...job.model, facts } },
      ...{ method: job.method && { ...job.method, title: "Grad-CAM", options: [] } },
      ...{ cohort: { sessions: 1, participants: 1, facts: [], leftOut: [] }, checks: undefined },
    });
    expect(text).toContain(
      "A saliency map of the logit of AD of a neural network was computed for 1 session of 1 participant by Grad-CAM " +
        "(Sundararajan et al. 2017) with Voxplain 0.3.0. The network (Conv5_FC3) has 39,872 parameters and an input of 1 × 85 × 104 × 90 and " +
        "was trained with ClinicaDL 1.6.1 (Thibeau-Sutre et al. 2022). Its weights are those of fold 0, epoch 12, selected by balanced accuracy. " +
        "The images were preprocessed with t1-linear.",
    );
  });

  it("states the statistics that were used, and cites nothing else", async () => {
    const text = await methods(toyComparison());
    expect(text).toContain(
      "Each map was divided by the mean of |m| and smoothed with a Gaussian of 6 mm FWHM.",
    );
    expect(text).toContain(
      "20 participants (AD:AD) were compared with 20 (AD:CN) at 1000 voxels by Student's t test (38 degrees of freedom)",
    );
    expect(text).toContain(
      "5000 random relabellings were drawn (seed 0), with p = (1 + b) / (1 + m) (Phipson and Smyth 2010)",
    );
    expect(text).toContain(
      "threshold-free cluster enhancement (Smith and Nichols 2009) (E = 0.5, H = 2, connectivity 6)",
    );
    expect(text).toContain("the false discovery rate (Benjamini and Hochberg 1995)");
    expect(text).not.toMatch(/Freedman|Welch|Pareto|Multi-level/);
  });

  it("follows the options: enumeration, covariates, Welch, blocks, no TFCE", async () => {
    const { regions: _, ...comparison } = toyComparison({
      covariates: ["age", "sex"],
      statistic: "welch",
      repeated: "blocks",
      no_tfce: true,
    });
    const text = await methods({
      ...comparison,
      facts: { ...comparison.facts, exact: true, permutations: 28 },
    });
    expect(text).toContain("Welch's t test (Welch 1947), adjusted for age and sex");
    expect(text).toContain("all 28 distinct relabellings were computed, so that p-values are exact");
    expect(text).toContain("residuals of the covariates (Freedman and Lane 1983)");
    expect(text).toContain("whole participants at a time (Winkler et al. 2015)");
    expect(text).not.toMatch(/Smith and Nichols|Phipson|false discovery/);
  });
});
