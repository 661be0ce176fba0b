import type { Fact, ReportedModel } from "@voxplain/report";
import type { StoredObject } from "./stored-json.ts";

/** The network in the provenance of a job. */
export function modelOf(provenance: StoredObject): ReportedModel {
  const model = provenance.object("model");
  const file = model.text("file") ?? "";
  const facts = ["fold", "selection", "epoch", "parameters", "weights_key"].flatMap((name): Fact[] => {
    const value = model.all[name];
    return value === null || value === undefined || value === "."
      ? []
      : [{ name: name.replace("_", " "), value: String(value) }];
  });
  const networks = model.list("networks").length;
  return {
    ...{ file, sha256: model.text("sha256") ?? "" },
    architecture: model.text("architecture") ?? "unknown",
    facts: [...facts, ...(networks > 0 ? [{ name: "networks", value: String(networks) }] : [])],
    isOfClinicaDl: file !== "" && !file.toLowerCase().endsWith(".onnx"),
  };
}
