/**
 * A chart as plain data, from which both the interactive figure (plotly) and the static image (SVG)
 * are drawn, so that the two cannot disagree. Positions are numbers; what they mean is in the ticks.
 *
 * @module
 */

/** A label at a position of an axis. */
export interface Tick {
  readonly position: number;
  /** One line, or several with line feeds between them on a horizontal axis. */
  readonly label: string;
}

/** One axis of a panel. */
export interface Axis {
  /** Quantity with its unit. */
  readonly title: string;
  readonly range: readonly [number, number];
  /** Labels; round numbers are chosen when left out. */
  readonly ticks?: readonly Tick[];
  /** Whether the labels of a horizontal axis are turned to run upwards, for want of room. */
  readonly turned?: boolean;
}

/** Shape of a mark. */
export type MarkSymbol =
  | "circle"
  | "diamond"
  | "star"
  | "square"
  | "ring"
  | "dot"
  | "triangle"
  | "triangleDown"
  | "plus"
  | "cross";

/** How a line is broken; solid where there is none. */
export type DashPattern = "dash" | "dot" | "dashDot" | "longDash" | "dashDotDot";

/** Coloured unit squares at positions 0, 1, 2, …; `values[row][column]`, row 0 at y = 0. */
export interface CellsLayer {
  readonly kind: "cells";
  readonly values: readonly (readonly (number | null)[])[];
  readonly text: readonly (readonly string[])[];
  readonly hover: readonly (readonly string[])[];
}

/** What is drawn in a panel, from the back to the front. */
export type Layer =
  /** A line through points, with standard errors and marks as asked for. */
  | {
    readonly kind: "line";
    readonly name: string;
    readonly color: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
    /** Half lengths of vertical error bars. */
    readonly errors?: readonly (number | null)[];
    /** `true` is "dash". */
    readonly dash?: boolean | DashPattern;
    /** Pixels; 2. */
    readonly width?: number;
    /** Whether points are joined; true. */
    readonly joined?: boolean;
    readonly marks?: boolean;
    /** Shape of the marks; circle. */
    readonly symbol?: MarkSymbol;
    /** Indices of the points that have marks; all of them when left out. */
    readonly markedAt?: readonly number[];
    /** Marks to draw hollow, by index. */
    readonly hollow?: readonly boolean[];
    readonly hover?: readonly string[];
    readonly legend: boolean;
  }
  /** The area between two lines. */
  | {
    readonly kind: "band";
    readonly color: string;
    readonly x: readonly number[];
    readonly lower: readonly number[];
    readonly upper: readonly number[];
  }
  | CellsLayer
  /** Frames around unit squares. */
  | {
    readonly kind: "frames";
    readonly name: string;
    readonly color: string;
    readonly cells: readonly (readonly [number, number])[];
  }
  | {
    readonly kind: "marks";
    readonly name: string;
    readonly symbol: MarkSymbol;
    readonly color: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly hover?: readonly string[];
  }
  /** Filled steps between `edges`, from the bottom of the panel. */
  | {
    readonly kind: "steps";
    readonly name: string;
    readonly color: string;
    readonly edges: readonly number[];
    readonly heights: readonly number[];
    readonly dash?: DashPattern;
    readonly legend: boolean;
  }
  /** A horizontal line with a label. */
  | { readonly kind: "rule"; readonly y: number; readonly label: string; readonly color: string };

/** One set of axes. */
export interface Panel {
  readonly title?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly layers: readonly Layer[];
}

/** A whole figure: a finding, and the panels that show it. */
export interface Chart {
  /** States the finding. */
  readonly title: string;
  /** Says what is drawn: what the marks, bars and bands are. */
  readonly subtitle: string;
  /** The same for those who cannot see the figure. */
  readonly alt: string;
  /** Side by side; below each other where `compact` leaves them too little width. */
  readonly panels: readonly Panel[];
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Whether the figure is for a narrow column: its texts break, and panels stand in rows. */
  readonly compact?: boolean;
  /** Whether the image is for print: light, and without title and subtitle, which its caption has. */
  readonly print?: boolean;
  /** Pixels left of the panels, for long labels; 66. */
  readonly left?: number;
  /** Where the legend stands. */
  readonly legend: "right" | "bottom" | "none";
}
