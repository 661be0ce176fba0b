import { intAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { at, generate } from "./array.ts";
import type { Kernel } from "./kernel.ts";

const depthToSpace: Kernel = ({ x: [x], attributes }) => {
  const [batch, channels, height, width] = x!.dims as [number, number, number, number];
  const block = intAttribute(attributes, "blocksize", 1);
  const depth = channels / block ** 2;
  const isCrd = stringAttribute(attributes, "mode", "DCR") === "CRD";
  return [
    generate([batch, depth, height * block, width * block], ([n, channel, row, column]) => {
      const place = (row! % block) * block + (column! % block);
      const source = isCrd ? channel! * block ** 2 + place : place * depth + channel!;
      return at(x!, [n!, source, Math.floor(row! / block), Math.floor(column! / block)]);
    }),
  ];
};

const spaceToDepth: Kernel = ({ x: [x], attributes }) => {
  const [batch, channels, height, width] = x!.dims as [number, number, number, number];
  const block = intAttribute(attributes, "blocksize", 1);
  return [
    generate([batch, channels * block ** 2, height / block, width / block], ([n, channel, row, column]) => {
      const place = Math.floor(channel! / channels);
      const [down, right] = [Math.floor(place / block), place % block];
      return at(x!, [n!, channel! % channels, row! * block + down, column! * block + right]);
    }),
  ];
};

export const blockKernels: Readonly<Record<string, Kernel>> = {
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
