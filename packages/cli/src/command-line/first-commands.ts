/** What `voxplain` alone prints. */
export const firstCommands = `Usage: voxplain <command>

Three commands to start with:
  voxplain demo                                       explain two simulated brain images, and see where the maps are
  voxplain inspect MODEL                              what a model folder or an ONNX file contains, and how to explain it
  voxplain interpret group MODEL AD_map --use_cpu     the mean map of all AD sessions that the model was trained on

voxplain --help lists all commands, voxplain COMMAND --help the options of one.
`;
