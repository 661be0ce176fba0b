import { type Point, pointAt } from "@voxplain/core";
import { colourMaps, type Display } from "./colour-maps.ts";
import type { Drawn } from "./drawn.ts";
import { strongestVoxel } from "./geometry.ts";
import { exceeds } from "./intensity-range.ts";
import type { Legend } from "./legend.ts";
import {
  drawnPlanes,
  type PlaneLetter,
  planeLetters,
  planePositions,
  planeSizes,
  planeViews,
} from "./plane-layout.ts";
import { type VolumeImage, volumeImage } from "./volume-image.ts";

/** One map over its anatomy: three planes and a rendering. */
export interface Viewer {
  show(drawn: Pick<Drawn, "map" | "anatomy">, display: Display, limit: number, place?: Point): Promise<void>;
  /** The value at which colours end. */
  setLimit(limit: number, display: Display): void;
  setDisplay(display: Display): void;
  /** Moves the crosshair, in millimetres; `onMove` is not called. */
  moveTo(place: Point): void;
  /** Turns the rendering, in degrees; `onTurn` is not called. */
  turnTo(azimuth: number, elevation: number): void;
  /** What is seen; of a map, without its legend. */
  picture(): Promise<ImageBitmap>;
  legend(display: Display): Legend;
  close(): void;
}

/** Zero itself is never drawn. */
const smallest = 1e-6;

/** Width of the crosshair: millimetres, and pixels, without which NiiVue draws no line in some of the planes. */
const crosshairWidth = { millimetres: 0.6, pixels: 1.2 };

const stops = [0, 0.25, 0.5, 0.75, 1];

/** What the user of a viewer does. */
export interface ViewerEvents {
  /** Puts the crosshair to a place in millimetres. */
  onMove(place: Point): void;
  /** Turns the rendering, in degrees. */
  onTurn(azimuth: number, elevation: number): void;
  /** The planes have other places: where the letters of the directions belong. */
  onLayout(letters: readonly PlaneLetter[]): void;
}

/** NiiVue is loaded with the first viewer. */
export async function openViewer(
  canvas: HTMLCanvasElement,
  { onMove, onTurn, onLayout }: ViewerEvents,
): Promise<Viewer> {
  const { NVImage, Niivue, SLICE_TYPE } = await import("@niivue/niivue");
  const niivue = new Niivue({
    backColor: [0.04, 0.045, 0.055, 1],
    crosshairColor: [0.55, 0.75, 0.95, 0.9],
    crosshairWidth: crosshairWidth.millimetres,
    crosshairWidthUnit: "mm",
    crosshairGap: 4,
    show3Dcrosshair: true,
    dragAndDropEnabled: false,
    isForceMouseClickToVoxelCenters: true,
    // Neurological: the left of the brain is at the left of the picture.
    isRadiologicalConvention: false,
    isSliceMM: true,
    isOrientationTextVisible: false,
    isNearestInterpolation: true,
    logLevel: "error",
    loadingText: "",
    sliceType: SLICE_TYPE.MULTIPLANAR,
    clipPlaneHotKey: "",
    cycleClipPlaneHotKey: "",
    viewModeHotKey: "",
  });
  await niivue.attachToCanvas(canvas);
  niivue.setRenderAzimuthElevation(120, 15);
  const room = canvas.parentElement ?? canvas;
  const layOut = () => {
    const positions = planePositions(room);
    niivue.setCustomLayout(planeViews(SLICE_TYPE, positions));
    if (niivue.volumes.length === 0) return;
    const planes = drawnPlanes(positions, room, planeSizes(niivue, SLICE_TYPE));
    const pixel = Math.max(...planes.map((one) => one.millimetresPerPixel)) / devicePixelRatio;
    niivue.opts.crosshairWidth = Math.max(crosshairWidth.millimetres, crosshairWidth.pixels * pixel);
    // It keeps the shape of the last width.
    niivue.crosshairs3D = null;
    niivue.drawScene();
    onLayout(planeLetters(planes));
  };
  const resizing = new ResizeObserver(layOut);
  resizing.observe(room);
  /** By what the values that NiiVue has are to be multiplied. */
  let scale = 1;
  let limit = 1;
  let values: Drawn["map"]["data"] = new Float32Array();
  /** A map without negative values has no colours for them. */
  let isOneSided = false;
  let silent = false;
  /** The anatomy that is drawn: maps of one image share it. */
  let below: { readonly of: Drawn["anatomy"]["data"]; readonly image: VolumeImage } | undefined;
  const setVolumes = (volumes: readonly VolumeImage[]) => {
    niivue.volumes = [...volumes];
    niivue.back = volumes[0] ?? null;
    niivue.overlays = volumes.slice(1);
  };
  niivue.onLocationChange = (location) => {
    if (silent) return;
    // NiiVue types it as unknown; `mm` has four numbers, the last of them 1.
    const { mm } = location as { mm: ArrayLike<number> };
    onMove([mm[0]!, mm[1]!, mm[2]!]);
  };
  niivue.onAzimuthElevationChange = (azimuth, elevation) => {
    if (!silent) onTurn(azimuth, elevation);
  };

  const setDisplay = ({ threshold, opacity, colours, absolute }: Display) => {
    const overlay = niivue.volumes[1];
    if (overlay === undefined) return;
    const { positive, negative } = colourMaps[colours];
    // First the colours: NiiVue guesses a range for them.
    overlay.colormap = positive;
    overlay.colormapNegative = absolute ? positive : negative;
    overlay.cal_max = limit / scale;
    overlay.cal_min = Math.max(threshold, smallest) * overlay.cal_max;
    overlay.cal_minNeg = -overlay.cal_max;
    overlay.cal_maxNeg = -overlay.cal_min;
    overlay.opacity = opacity;
    const before = niivue.overlayTexture;
    niivue.updateGLVolume();
    // NiiVue makes another one each time.
    if (before !== niivue.overlayTexture) niivue.gl.deleteTexture(before);
  };
  const moveTo = ([x, y, z]: Point) => {
    if (niivue.volumes.length === 0) return;
    silent = true;
    niivue.scene.crosshairPos = niivue.mm2frac([x, y, z]);
    niivue.drawScene();
    silent = false;
  };
  const coloursOf = (name: string) => {
    const table = niivue.colormap(name);
    return stops.map((share) => {
      const at = 4 * Math.round(share * (table.length / 4 - 1));
      return `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
    });
  };

  return {
    async show({ anatomy, map }, display, end, at) {
      limit = end;
      scale = end;
      values = map.data;
      isOneSided = !values.some((value) => value < 0);
      // The map before goes first: each takes much memory.
      if (below?.of !== anatomy.data) below = undefined;
      setVolumes(below === undefined ? [] : [below.image]);
      // NiiVue draws as soon as something changes, and waits for it: once is enough.
      niivue.isBusy = true;
      try {
        const image =
          below?.image ?? (await volumeImage(NVImage, anatomy, { name: "anatomy", colormap: "gray" }));
        below = { of: anatomy.data, image };
        // NiiVue does not distinguish values below 1e-5.
        const look = { name: "map", colormap: "warm", range: [0, 1] } as const;
        setVolumes([image, await volumeImage(NVImage, map, look, 1 / scale)]);
        silent = true;
        setDisplay(display);
      } finally {
        silent = false;
        niivue.isBusy = false;
      }
      layOut();
      moveTo(at ?? pointAt(strongestVoxel(map), map.affine));
    },
    setLimit(end, display) {
      limit = end;
      setDisplay(display);
    },
    setDisplay,
    moveTo,
    turnTo(azimuth, elevation) {
      silent = true;
      niivue.setRenderAzimuthElevation(azimuth, elevation);
      silent = false;
    },
    picture() {
      // The drawing lasts only until the browser has shown it.
      niivue.drawScene();
      return createImageBitmap(canvas);
    },
    legend({ threshold, colours, absolute }) {
      const { positive, negative } = colourMaps[colours];
      const against = absolute || isOneSided ? undefined : coloursOf(negative);
      const ends = { limit, goesOn: exceeds(values, limit), threshold: threshold * limit };
      return { ...ends, positive: coloursOf(positive), negative: against };
    },
    close() {
      resizing.disconnect();
      niivue.cleanup();
    },
  };
}
