import type { Rectangle } from "./layout.ts";

/** Pixels from the left and from the top. */
export type Place = readonly [number, number];

/** How a shape is painted; colours as CSS, `none` for no fill. */
export interface Paint {
  readonly fill?: string;
  readonly fillOpacity?: number;
  /** Of the whole shape. */
  readonly opacity?: number;
  readonly stroke?: string;
  /** Of the stroke, in pixels; 1. */
  readonly width?: number;
  /** Dashes and gaps in pixels, with spaces between them. */
  readonly dash?: string;
}

/** How a text is set; by default from its left end, in the image's colour and size. */
export interface TextStyle {
  readonly anchor?: "middle" | "end";
  readonly fill?: string;
  /** Pixels. */
  readonly size?: number;
  readonly weight?: 600;
  /** Whether the text is turned to run upwards. */
  readonly upwards?: boolean;
}

/** What static images are made of. */
export type Shape =
  | { readonly kind: "line"; readonly from: Place; readonly to: Place; readonly paint: Paint }
  /** A rectangle, painted once or several times, each over the one before. */
  | { readonly kind: "box"; readonly area: Rectangle; readonly paints: readonly Paint[] }
  | {
    readonly kind: "circle";
    readonly centre: Place;
    readonly radius: number;
    readonly paint: Paint;
  }
  /** Straight lines from place to place. */
  | {
    readonly kind: "path";
    readonly points: readonly Place[];
    readonly closed: boolean;
    readonly paint: Paint;
  }
  /** One line of text; its baseline starts, is centred or ends at the place. */
  | {
    readonly kind: "text";
    readonly at: Place;
    readonly content: string;
    readonly style: TextStyle;
  };

/** Two decimals are below what can be seen, and keep the bytes free of the last digits' noise. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
