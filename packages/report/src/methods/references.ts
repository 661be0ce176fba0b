/** A publication that a report cites. */
export interface Reference {
  /** How the text cites it: "Winkler et al. 2014". */
  readonly short: string;
  /** As lists of references have it. */
  readonly text: string;
  /** Where it is. */
  readonly link?: string;
}

const reference = (short: string, text: string, doi?: string): Reference => ({
  short,
  text,
  ...(doi !== undefined && { link: `https://doi.org/${doi}` }),
});

/** What the statistics are from. */
export const references = {
  arras: reference(
    "Arras et al. 2022",
    "Arras L, Osman A, Samek W (2022). CLEVR-XAI: a benchmark dataset for the ground truth evaluation of neural network explanations. Information Fusion 81:14–40.",
    "10.1016/j.inffus.2021.11.008",
  ),
  benjamini: reference(
    "Benjamini and Hochberg 1995",
    "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57:289–300.",
    "10.1111/j.2517-6161.1995.tb02031.x",
  ),
  boehle: reference(
    "Böhle et al. 2019",
    "Böhle M, Eitel F, Weygandt M, Ritter K (2019). Layer-wise relevance propagation for explaining deep neural network decisions in MRI-based Alzheimer's disease classification. Frontiers in Aging Neuroscience 11:194.",
    "10.3389/fnagi.2019.00194",
  ),
  bullmore: reference(
    "Bullmore et al. 1999",
    "Bullmore ET, Suckling J, Overmeyer S, Rabe-Hesketh S, Taylor E, Brammer MJ (1999). Global, voxel, and cluster tests, by theory and permutation, for a difference between two groups of structural MR images of the brain. IEEE Transactions on Medical Imaging 18:32–42.",
    "10.1109/42.750253",
  ),
  clinicadl: reference(
    "Thibeau-Sutre et al. 2022",
    "Thibeau-Sutre E, Díaz M, Hassanaly R, Routier A, Dormont D, Colliot O, Burgos N (2022). ClinicaDL: an open-source deep learning software for reproducible neuroimaging processing. Computer Methods and Programs in Biomedicine 220:106818.",
    "10.1016/j.cmpb.2022.106818",
  ),
  freedman: reference(
    "Freedman and Lane 1983",
    "Freedman D, Lane D (1983). A nonstochastic interpretation of reported significance levels. Journal of Business & Economic Statistics 1:292–298.",
    "10.1080/07350015.1983.10509354",
  ),
  hedges: reference(
    "Hedges 1981",
    "Hedges LV (1981). Distribution theory for Glass's estimator of effect size and related estimators. Journal of Educational Statistics 6:107–128.",
    "10.3102/10769986006002107",
  ),
  najman: reference(
    "Najman and Couprie 2006",
    "Najman L, Couprie M (2006). Building the component tree in quasi-linear time. IEEE Transactions on Image Processing 15:3531–3539.",
    "10.1109/TIP.2006.877518",
  ),
  nichols: reference(
    "Nichols and Holmes 2002",
    "Nichols TE, Holmes AP (2002). Nonparametric permutation tests for functional neuroimaging: a primer with examples. Human Brain Mapping 15:1–25.",
    "10.1002/hbm.1058",
  ),
  petsiuk: reference(
    "Petsiuk et al. 2018",
    "Petsiuk V, Das A, Saenko K (2018). RISE: randomized input sampling for explanation of black-box models. arXiv:1806.07421.",
    "10.48550/arXiv.1806.07421",
  ),
  phipson: reference(
    "Phipson and Smyth 2010",
    "Phipson B, Smyth GK (2010). Permutation p-values should never be zero: calculating exact p-values when permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology 9:39.",
    "10.2202/1544-6115.1585",
  ),
  adebayo: reference(
    "Adebayo et al. 2018",
    "Adebayo J, Gilmer J, Muelly M, Goodfellow I, Hardt M, Kim B (2018). Sanity checks for saliency maps. arXiv:1810.03292.",
    "10.48550/arXiv.1810.03292",
  ),
  smith: reference(
    "Smith and Nichols 2009",
    "Smith SM, Nichols TE (2009). Threshold-free cluster enhancement: addressing problems of smoothing, threshold dependence and localisation in cluster inference. NeuroImage 44:83–98.",
    "10.1016/j.neuroimage.2008.03.061",
  ),
  welch: reference(
    "Welch 1947",
    "Welch BL (1947). The generalization of 'Student's' problem when several different population variances are involved. Biometrika 34:28–35.",
    "10.1093/biomet/34.1-2.28",
  ),
  wilson: reference(
    "Wilson 1927",
    "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. Journal of the American Statistical Association 22:209–212.",
    "10.1080/01621459.1927.10502953",
  ),
  winkler2014: reference(
    "Winkler et al. 2014",
    "Winkler AM, Ridgway GR, Webster MA, Smith SM, Nichols TE (2014). Permutation inference for the general linear model. NeuroImage 92:381–397.",
    "10.1016/j.neuroimage.2014.01.060",
  ),
  winkler2015: reference(
    "Winkler et al. 2015",
    "Winkler AM, Webster MA, Vidaurre D, Nichols TE, Smith SM (2015). Multi-level block permutation. NeuroImage 123:253–268.",
    "10.1016/j.neuroimage.2015.05.092",
  ),
  winkler2016: reference(
    "Winkler et al. 2016",
    "Winkler AM, Ridgway GR, Douaud G, Nichols TE, Smith SM (2016). Faster permutation inference in brain imaging. NeuroImage 141:502–516.",
    "10.1016/j.neuroimage.2016.05.068",
  ),
  yeh: reference(
    "Yeh et al. 2019",
    "Yeh CK, Hsieh CY, Suggala AS, Inouye DI, Ravikumar P (2019). On the (in)fidelity and sensitivity of explanations. arXiv:1901.09392.",
    "10.48550/arXiv.1901.09392",
  ),
  zhang: reference(
    "Zhang et al. 2018",
    "Zhang J, Bargal SA, Lin Z, Brandt J, Shen X, Sclaroff S (2018). Top-down neural attention by excitation backprop. International Journal of Computer Vision 126:1084–1102.",
    "10.1007/s11263-017-1059-x",
  ),
} as const;

/** The paper of a method, "Sundararajan, Taly, Yan 2017, arXiv:1703.01365", as a reference. */
export function paperOf(paper: string): Reference {
  const [, authors = paper, year = ""] = /^(.*?)\s+(\d{4})\b/.exec(paper) ?? [];
  const names = authors.split(", ");
  const who = names.length > 2 ? `${names[0]} et al.` : names.join(" and ");
  const [, arxiv] = /arXiv:(\d{4}\.\d{4,5})/.exec(paper) ?? [];
  const [, doi] = /doi:(10\.\d{4,9}\/[^\s,;]+)/.exec(paper) ?? [];
  const id = doi ?? (arxiv === undefined ? undefined : `10.48550/arXiv.${arxiv}`);
  return reference(`${who} ${year}`.trim(), `${paper}.`, id);
}
