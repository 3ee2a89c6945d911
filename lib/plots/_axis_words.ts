import { counted, formatAxis, formatPoint } from "../statistics/format.ts";
import { type LossUnit, natsPerToken } from "../statistics/study_loss.ts";
import { type AxisPoint, notDrawn, type QuantityByAxis } from "./axis_data.ts";
import { type SettingAxis, settingAxis } from "./axes.ts";
import { colorNote } from "./_series.ts";
import { capitalize, noiseVerdict, quantityWords } from "./quantity_words.ts";
import { axisAt, settingLabel } from "./settings.ts";

/** What points, bars and places of a figure against an axis mean. */
export function subtitleOf(data: QuantityByAxis): string {
  const all = data.series.flatMap(({ points }) => points);
  const hollow = all.some(({ learned, complete }) => !learned || !complete);
  return `mean over ${counted(data.folds, "fold")} (${
    data.seeds === 1 ? "1 seed" : `${data.seeds} seeds averaged in each`
  }), bars are ${
    data.bars === "standardError"
      ? "one standard error"
      : "95 % intervals by Student's t, widened for training texts that overlap"
  }.${
    hollow
      ? ` Hollow: training loss less than ${
        inMargin(data.unit)
      } below the unigram entropy, or runs missing.`
      : ""
  }${
    isTested(data) && all.some(({ adjustedPValue }) => adjustedPValue !== null) &&
      quantityWords(data.quantity, data.unit).scale === 1
      ? " Noise is judged by paired differences, after Holm."
      : ""
  }${colorNote(data.series)}${notDrawn(data, data.axis)}${
    placeNote(axisOfSeries(data), data.axis)
  }`;
}

/** How far below the unigram entropy a training loss must be to count as learned, in words. */
export function inMargin({ learnedMargin, short }: LossUnit = natsPerToken): string {
  return `${learnedMargin} ${short}`;
}

/** Says where 0 and points without the axis are drawn. */
export function placeNote({ zeroApart, values }: SettingAxis, axis: string): string {
  const name = formatAxis(axis);
  return (zeroApart ? ` ${name} = 0 stands apart from the logarithmic axis.` : "") +
    (values.includes(undefined) ? ` Not set: the points that have no ${name}.` : "");
}

/** Where the settings of a figure stand. */
export function axisOfSeries({ axis, role, meaning, series }: QuantityByAxis): SettingAxis {
  return settingAxis(
    axis,
    series.flatMap(({ points }) => points.map(({ value }) => value)),
    { unit: meaning ?? "", byFactors: growsByFactors(role) },
  );
}

/** Whether values of a role are told apart by their ratios. */
export function growsByFactors(role: QuantityByAxis["role"]): boolean {
  return role === "size" || role === "data" || role === "training";
}

/**
 * What the figure shows of an axis. Only a strength is said to do something, and only what the test of its
 * difference shows; of any other axis the values are said.
 */
export function finding(data: QuantityByAxis): string {
  const words = quantityWords(data.quantity, data.unit);
  if (data.quantity === "exactZeroShare" || data.quantity === "nearZeroShare") {
    return sparsityFinding(data);
  }
  const effect = effectOf(data);
  if (effect === null) {
    return `No completed run shows the ${words.name} against ${formatAxis(data.axis)}`;
  }
  if (data.scattered) return scatteredFinding(data);
  if (data.role === "choice") return choiceFinding(data, effect);
  return (isTested(data) && strengthFinding(data, effect)) || courseFinding(data, effect);
}

/** Whether a title may say what the axis does, by the tests of its points against the baseline. */
export function isTested({ role, tunedOver, scattered }: QuantityByAxis): boolean {
  return role === "strength" && tunedOver.length === 0 && !scattered;
}

type Effect = NonNullable<ReturnType<typeof effectOf>>;

/**
 * The baseline, the learned point of its series with the lowest value, and that of those which are lower
 * beyond noise; undefined where there is none, null where nothing is drawn at all.
 */
export function effectOf(data: QuantityByAxis) {
  const own = data.series.find(({ isBaseline }) => isBaseline);
  const effects = (own === undefined ? data.series : [own]).map(effectAlong);
  // Where the baseline is the start of several lines, the one on which most is shown.
  const shown = effects.filter((each) => each.shown !== undefined)
    .toSorted((a, b) => a.shown!.estimate.mean - b.shown!.estimate.mean);
  return shown[0] ?? effects[0] ?? null;
}

function effectAlong({ others, points }: QuantityByAxis["series"][number]) {
  const usable = points.filter(({ complete }) => complete);
  const rest = usable.filter((point) => !point.isBaseline && point.learned);
  const base = usable.find(({ isBaseline }) => isBaseline);
  const lower = base === undefined
    ? []
    : rest.filter(({ estimate }) => estimate.mean < base.estimate.mean);
  return {
    others: Object.keys(others).length === 0 ? "" : ` (${formatPoint(others)})`,
    /** Complete points of that series. */
    points: usable,
    base,
    lowest: lowestOf(rest),
    shown: lowestOf(
      lower.filter(({ adjustedPValue }) => noiseVerdict(adjustedPValue) === "beyond noise"),
    ),
    /** Whether a point was left out because it learned little. */
    excluded: usable.some(({ isBaseline, learned }) => !isBaseline && !learned),
  };
}

function lowestOf(points: readonly AxisPoint[]): AxisPoint | undefined {
  return points.length === 0
    ? undefined
    : points.reduce((a, b) => (b.estimate.mean < a.estimate.mean ? b : a));
}

/** Whether a strength lowers the quantity beyond noise; nothing where there is none to compare with. */
function strengthFinding(
  data: QuantityByAxis,
  { base, lowest, shown, others, excluded }: Effect,
): string | undefined {
  if (base === undefined || lowest === undefined) return undefined;
  const words = quantityWords(data.quantity, data.unit);
  const axis = formatAxis(data.axis);
  const from = words.show(base.estimate.mean);
  if (shown !== undefined) {
    return `${axisAt(data.axis, shown.value)} lowers the ${words.name} from ${from} to ${
      words.show(shown.estimate.mean)
    }${words.unit}${others}, beyond noise`;
  }
  if (lowest.estimate.mean >= base.estimate.mean) {
    return `No ${axis}${
      excluded ? " that learned" : ""
    } lowers the ${words.name} of ${from}${words.unit}${others}`;
  }
  const at = `${words.show(lowest.estimate.mean)} at ${axisAt(data.axis, lowest.value)}`;
  return lowest.adjustedPValue === null
    ? `The lowest ${words.name} is ${at}, against ${from}${words.unit} ${
      atAxis(data.axis, base.value)
    }${others}, not tested`
    : `No ${axis} is shown to lower the ${words.name} of ${from}${words.unit}${others}: ` +
      `the lowest, ${at}, is within noise`;
}

/** The values at both ends of an axis, and the lowest between them. */
function courseFinding(data: QuantityByAxis, { points, others }: Effect): string {
  const words = quantityWords(data.quantity, data.unit);
  const plain = `${capitalize(words.name)} against ${formatAxis(data.axis)}${others}`;
  const { position } = axisOfSeries(data);
  const sorted = points.filter(({ learned }) => learned)
    .toSorted((a, b) => position(a.value)! - position(b.value)!);
  if (sorted.length < 2) return plain;
  const [first, last] = [sorted[0], sorted.at(-1)!];
  const lowest = lowestOf(sorted)!;
  const show = ({ estimate }: AxisPoint) => words.show(estimate.mean);
  const between = lowest === first || lowest === last
    ? ""
    : `, lowest at ${settingLabel(lowest.value)} (${show(lowest)})`;
  const over = data.tunedOver.filter((axis) => sorted.some(({ point }) => axis in point));
  const tuned = over.length === 0 ? "" : `, each at its best ${over.map(formatAxis).join(" and ")}`;
  return `${capitalize(atAxis(data.axis, first.value))} the ${words.name} is ${show(first)}, ` +
    `at ${settingLabel(last.value)} it is ${show(last)}${words.unit}${between}${others}${tuned}`;
}

function atAxis(axis: string, value: AxisPoint["value"]): string {
  return value === undefined ? `without ${formatAxis(axis)}` : `at ${axisAt(axis, value)}`;
}

/** The lowest and the highest of separate kinds. */
function choiceFinding(data: QuantityByAxis, { points, others }: Effect): string {
  const words = quantityWords(data.quantity, data.unit);
  const sorted = points.filter(({ learned }) => learned)
    .toSorted((a, b) => a.estimate.mean - b.estimate.mean);
  if (sorted.length < 2) return `${capitalize(words.name)} by ${formatAxis(data.axis)}${others}`;
  const who = sorted.length < points.length ? ", of those that learned," : "";
  const show = ({ estimate }: AxisPoint) => words.show(estimate.mean);
  const [first, last] = [sorted[0], sorted.at(-1)!];
  return `${capitalize(words.name)} is${who} lowest with ${axisAt(data.axis, first.value)}, ${
    show(first)
  }, and highest with ${settingLabel(last.value)}, ${show(last)}${words.unit}${others}`;
}

/** The lowest of points that differ in several axes at once. */
function scatteredFinding(data: QuantityByAxis): string {
  const words = quantityWords(data.quantity, data.unit);
  const all = data.series.flatMap(({ points }) => points).filter(({ complete }) => complete);
  const lowest = lowestOf(all.filter(({ learned }) => learned));
  const start = `${capitalize(words.name)} against ${formatAxis(data.axis)}`;
  return all.length < 2 || lowest === undefined
    ? start
    : `${start}: of ${counted(all.length, "point")} the lowest, ${
      words.show(lowest.estimate.mean)
    }${words.unit}, is ${atAxis(data.axis, lowest.value)}`;
}

/** Another axis may be the one that makes zeros, so all series count. */
function sparsityFinding(data: QuantityByAxis): string {
  const words = quantityWords(data.quantity, data.unit);
  const all = data.series.flatMap(({ points }) =>
    points.filter(({ complete }) => complete).map(({ point, estimate, learned }) => ({
      share: estimate.mean,
      learned,
      at: formatPoint(point),
    }))
  );
  if (all.length === 0) return `${capitalize(words.name)} against ${formatAxis(data.axis)}`;
  const largest = (points: typeof all) => points.reduce((a, b) => (b.share > a.share ? b : a));
  const most = largest(all);
  if (most.share === 0) return `No point has ${words.name}`;
  if (most.learned) return `Up to ${words.show(most.share)} ${words.name}, at ${most.at}`;
  const little = `${words.show(most.share)} at ${most.at}, which learned little`;
  const learned = all.filter((point) => point.learned && point.share > 0);
  if (learned.length === 0) return `No setting that learned has ${words.name}; ${little}`;
  const { share, at } = largest(learned);
  return `Up to ${
    words.show(share)
  } ${words.name} among settings that learned, at ${at}; ${little}`;
}

/** The values of a figure against an axis, for those who cannot see it. */
export function describe(data: QuantityByAxis): string {
  const words = quantityWords(data.quantity, data.unit);
  const rows = data.series.map(({ others, points }) => {
    const name = Object.keys(others).length === 0 ? "" : `${formatPoint(others)}: `;
    return name +
      points.map(({ value, estimate }) => `${words.show(estimate.mean)} at ${settingLabel(value)}`)
        .join(", ");
  });
  return `${
    data.scattered ? "Scatter plot" : "Line chart"
  } of ${words.name} ${data.where} against ${formatAxis(data.axis)}. ${
    rows.join("; ") || finding(data)
  }.`;
}
