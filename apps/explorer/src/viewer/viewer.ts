import { nextTask, type Point, pointAt } from "@voxplain/core";
import { type ColourMap, colourAt, colourMaps } from "./colour-maps.ts";
import { type Display, hasRendering } from "./display.ts";
import type { Drawn } from "./drawn.ts";
import { extentsOf, planeOfFlat, rangeOf, strongestVoxel, type ValueRange } from "./geometry.ts";
import { hasGraphicsCard } from "./graphics-card.ts";
import { graphicsDone } from "./graphics-done.ts";
import { type Legend, legendOf } from "./legend.ts";
import {
  drawnPlanes,
  type Extents,
  isMosaic,
  type Plane,
  type PlaneMark,
  planeMarks,
  planeSizes,
  tilesOf,
  tileViews,
} from "./plane-layout.ts";
import { anatomyImage, mapImage, type VolumeImage } from "./volume-image.ts";

/** One map over its anatomy: planes, slices, a rendering. */
export interface Viewer {
  show(drawn: Pick<Drawn, "map" | "anatomy">, display: Display, limit: number, place?: Point): Promise<void>;
  /** The value at which colours end. */
  setLimit(limit: number, display: Display): Promise<void>;
  /** Where several come at once, only the last is drawn. */
  setDisplay(display: Display): Promise<void>;
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

/** Width of the crosshair: millimetres, and pixels: NiiVue draws no thinner line in some planes, and a thicker one hides small voxels. */
const crosshairWidth = { millimetres: 0.6, leastPixels: 1.2, mostPixels: 2 };

let viewers = 0;

/** Pixels across a saved picture: a page of a journal at 300 dpi. */
const printedWidth = 2100;

/** NiiVue interpolates between so many colours of a scale. */
const knots = 33;

/** NiiVue's number of a scale that begins at 0, and fades (1) or hides (2) what is below the threshold. */
const fromZero = { faded: 1, hidden: 2 } as const;

/** What the user of a viewer does. */
export interface ViewerEvents {
  /** Puts the crosshair to a place in millimetres. */
  onMove(place: Point): void;
  /** Turns the rendering, in degrees. */
  onTurn(azimuth: number, elevation: number): void;
  /** The planes have other places: where the letters of the directions belong. */
  onLayout(marks: readonly PlaneMark[]): void;
}

/** NiiVue is loaded with the first viewer. */
export async function openViewer(
  canvas: HTMLCanvasElement,
  { onMove, onTurn, onLayout }: ViewerEvents,
): Promise<Viewer> {
  const { NVImage, Niivue, SLICE_TYPE } = await import("@niivue/niivue");
  const niivue = new Niivue({
    backColor: [0, 0, 0, 1],
    crosshairColor: [0.55, 0.75, 0.95, 0.9],
    crosshairWidth: crosshairWidth.millimetres,
    crosshairWidthUnit: "mm",
    crosshairGap: 4,
    show3Dcrosshair: true,
    dragAndDropEnabled: false,
    isForceMouseClickToVoxelCenters: true,
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
  // All viewers share the names of scales. Those of this one get other colours, as an image that gets another scale is sorted again.
  const scaleName = `map-${++viewers}`;
  const room = canvas.parentElement ?? canvas;
  let look: Pick<Display, "view" | "radiological" | "crosshair"> | undefined;
  /** For a picture, its plane. */
  let flat: Plane | undefined;
  let extents: Extents | undefined;
  const layOut = () => {
    if (look === undefined) return;
    const { view, radiological, crosshair } = look;
    if (isMosaic(view)) extents ??= below && extentsOf(below.of);
    const hasSlices = extents !== undefined && flat === undefined && isMosaic(view);
    const tiles = tilesOf(flat ?? view, room, extents ?? nowhere, flat !== undefined);
    niivue.opts.isRadiologicalConvention = radiological;
    niivue.setCustomLayout(tileViews(SLICE_TYPE, tiles));
    if (niivue.volumes.length === 0) return;
    const planes = drawnPlanes(tiles, room, planeSizes(niivue, SLICE_TYPE));
    const pixel = Math.max(0, ...planes.map((one) => one.millimetresPerPixel)) / devicePixelRatio;
    const isShown = crosshair && !hasSlices;
    const usual = flat === undefined ? crosshairWidth.millimetres : 0;
    const { leastPixels, mostPixels } = crosshairWidth;
    const width = Math.min(Math.max(usual, leastPixels * pixel), mostPixels * pixel);
    const wanted = isShown ? width : 0;
    if (niivue.opts.crosshairWidth !== wanted) {
      niivue.opts.crosshairWidth = wanted;
      niivue.opts.show3Dcrosshair = isShown;
      // It keeps the shape of the last width.
      niivue.crosshairs3D = null;
      niivue.drawScene();
    }
    onLayout(planeMarks(planes, look));
  };
  const resizing = new ResizeObserver(layOut);
  resizing.observe(room);
  /** By what the values that NiiVue has are to be multiplied. */
  let scale = 1;
  let limit = 1;
  let range: ValueRange = { least: 0, most: 0 };
  let silent = false;
  /** The anatomy that is drawn: maps of one image share it. */
  let below: { readonly of: Drawn["anatomy"]; readonly image: VolumeImage } | undefined;
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

  /** What was asked for first is done first. */
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const own = last.then(work);
    last = own.catch(() => {});
    return own;
  };
  let newest: Display | undefined;
  /** NiiVue draws as soon as something changes, and the page waits for it: it may draw when the graphics card is done. */
  const withoutDrawing = async (work: () => Promise<void>) => {
    niivue.isBusy = true;
    try {
      await work();
      await graphicsDone(niivue.gl);
    } finally {
      niivue.isBusy = false;
    }
  };
  const colour = (overlay: VolumeImage, { threshold, fades, opacity, colours, absolute }: Display) => {
    const { positive, negative } = colourMaps[colours];
    niivue.addColormap(scaleName, niivueColours(positive));
    niivue.addColormap(`${scaleName}-`, niivueColours(negative));
    overlay.colormapNegative = absolute ? scaleName : `${scaleName}-`;
    overlay.colormapType = fromZero[fades ? "faded" : "hidden"];
    overlay.cal_max = limit / scale;
    overlay.cal_min = Math.max(threshold, smallest) * overlay.cal_max;
    overlay.cal_minNeg = -overlay.cal_max;
    overlay.cal_maxNeg = -overlay.cal_min;
    // Where weak values fade, NiiVue makes strong ones more opaque than they should be, up to 1: slices are made paler after that.
    overlay.opacity = fades ? 1 : opacity;
    niivue.overlayAlphaShader = fades ? opacity : 1;
    const before = niivue.overlayTexture;
    niivue.refreshLayers(overlay, 1);
    // NiiVue makes another one each time.
    if (before !== niivue.overlayTexture) niivue.gl.deleteTexture(before);
  };
  /** How the map is coloured. */
  let coloured: string | undefined;
  const draw = async (display: Display) => {
    const { view, radiological, crosshair } = display;
    const isOtherLayout =
      look?.view !== view || look.radiological !== radiological || look.crosshair !== crosshair;
    look = { view, radiological, crosshair };
    const overlay = niivue.volumes[1];
    if (overlay === undefined) return;
    const { threshold, fades, opacity, colours, absolute } = display;
    const wanted = JSON.stringify([threshold, fades, opacity, colours, absolute, limit]);
    const isOtherColour = coloured !== wanted;
    coloured = wanted;
    if (isOtherColour) await withoutDrawing(async () => colour(overlay, display));
    if (isOtherLayout) layOut();
    else niivue.drawScene();
  };
  let isCompiled = hasGraphicsCard();
  /** Without a graphics card, programs are compiled during the first drawing, and the page would wait to show it: it stays hidden. */
  const drawTwiceAtFirst = async (display: Display) => {
    if (!isCompiled) canvas.style.visibility = "hidden";
    try {
      await draw(display);
      if (isCompiled) return;
      await graphicsDone(niivue.gl);
    } finally {
      canvas.style.visibility = "";
    }
    isCompiled = true;
    niivue.drawScene();
  };
  const setDisplay = (display: Display) => {
    newest = display;
    return inTurn(async () => {
      if (newest === display) await draw(display);
    });
  };
  const moveTo = ([x, y, z]: Point) => {
    if (niivue.volumes.length === 0) return;
    const to = niivue.mm2frac([x, y, z]);
    // It is there: drawing once more takes time.
    if ([0, 1, 2].every((axis) => to[axis] === niivue.scene.crosshairPos[axis])) return;
    silent = true;
    niivue.scene.crosshairPos = to;
    niivue.drawScene();
    silent = false;
  };
  return {
    show({ anatomy, map }, display, end, at) {
      newest = display;
      return inTurn(async () => {
        limit = end;
        scale = end;
        range = rangeOf(map.data);
        await nextTask();
        flat = planeOfFlat(map);
        // The map before goes first: each takes much memory.
        if (below?.of.data !== anatomy.data) [below, extents] = [undefined, undefined];
        setVolumes(below === undefined ? [] : [below.image]);
        await withoutDrawing(async () => {
          if (below === undefined) {
            below = { of: anatomy, image: await anatomyImage(NVImage, anatomy) };
            setVolumes([below.image]);
            niivue.updateGLVolume();
            await graphicsDone(niivue.gl);
          }
          // NiiVue does not distinguish values below 1e-5.
          const overlay = await mapImage(NVImage, map, 1 / scale, scaleName);
          setVolumes([below.image, overlay]);
          [look, coloured] = [undefined, undefined];
          moveTo(at ?? pointAt(strongestVoxel(map), map.affine));
        });
        await drawTwiceAtFirst(newest ?? display);
      });
    },
    setLimit(end, display) {
      limit = end;
      return setDisplay(display);
    },
    setDisplay,
    moveTo,
    turnTo(azimuth, elevation) {
      silent = true;
      niivue.setRenderAzimuthElevation(azimuth, elevation);
      silent = false;
    },
    async picture() {
      await last;
      // A rendering that the processor draws would take many seconds.
      const isFast = hasGraphicsCard() || (look !== undefined && !hasRendering(look.view));
      const ratio = isFast ? Math.max(devicePixelRatio, printedWidth / (room.clientWidth || 1)) : 0;
      const drawAt = (pixelRatio: number) => {
        niivue.opts.forceDevicePixelRatio = pixelRatio;
        niivue.resizeListener();
      };
      drawAt(ratio);
      // The drawing lasts only until the browser has shown it: its pixels are copied here, whatever is waited for.
      const picture = createImageBitmap(canvas);
      drawAt(0);
      return picture;
    },
    legend: (display) => legendOf(range, limit, colourMaps[display.colours], display),
    close() {
      resizing.disconnect();
      niivue.cleanup();
      setVolumes([]);
      [below, look] = [undefined, undefined];
      // Browsers have few contexts, and free them late.
      niivue.gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}

/** Before an anatomy is there. */
const nowhere: Extents = [
  [0, 1],
  [0, 1],
  [0, 1],
];

/** A scale as NiiVue takes it; 0 itself is never drawn. */
function niivueColours(stops: ColourMap["positive"]) {
  const shares = Array.from({ length: knots }, (_, k) => k / (knots - 1));
  const colours = shares.map((share) => colourAt(stops, share));
  return {
    R: colours.map(([red]) => red),
    G: colours.map(([, green]) => green),
    B: colours.map(([, , blue]) => blue),
    A: shares.map((share) => (share === 0 ? 0 : 255)),
    I: shares.map((share) => Math.round(255 * share)),
  };
}
