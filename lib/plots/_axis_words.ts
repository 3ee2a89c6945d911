import type { JsonObject } from "../core/json.ts";
import { counted, formatAxis, formatPoint, formatSetting } from "../statistics/format.ts";
import type { QuantityByAxis } from "./axis_data.ts";
import { type SettingAxis, settingAxis } from "./axes.ts";
import { capitalize, noiseVerdict, quantityWords, viewWords } from "./quantity_words.ts";

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
      ? " Hollow: training loss less than 0.5 nats below the unigram entropy, or runs missing."
      : ""
  }${
    all.some(({ adjustedPValue }) => adjustedPValue !== null) &&
      quantityWords[data.quantity].scale === 1
      ? " Noise is judged by paired differences, after Holm."
      : ""
  }${zeroNote(axisOfSeries(data), data.axis)}`;
}

/** Says where 0 is drawn on a logarithmic axis. */
export function zeroNote({ zeroApart }: SettingAxis, axis: string): string {
  return zeroApart ? ` ${formatAxis(axis)} = 0 stands apart from the logarithmic axis.` : "";
}

/** Where the settings of a figure stand. */
export function axisOfSeries({ axis, meaning, series }: QuantityByAxis): SettingAxis {
  return settingAxis(
    axis,
    series.flatMap(({ points }) => points.map((p) => p.value)),
    meaning ?? "",
  );
}

/** What an axis does to a quantity without the other penalties, in words. */
export function finding(data: QuantityByAxis): string {
  const words = quantityWords[data.quantity];
  const axis = formatAxis(data.axis);
  if (data.quantity === "exactZeroShare" || data.quantity === "nearZeroShare") {
    return sparsityFinding(data);
  }
  const effect = effectOf(data);
  if (effect === null) return `No completed run shows the ${words.name} against ${axis}`;
  const { others, base, lowest, excluded } = effect;
  if (base === undefined || lowest === undefined) {
    return `${capitalize(words.name)} against ${axis}${others}`;
  }
  const from = words.show(base.estimate.mean);
  return lowest.estimate.mean < base.estimate.mean
    ? `${axis} = ${formatSetting(lowest.value)} lowers the ${words.name} from ${from} to ${
      words.show(lowest.estimate.mean)
    }${words.unit}${others}, ${noiseVerdict(lowest.adjustedPValue)}`
    : `No ${axis}${
      excluded ? " that learned" : ""
    } lowers the ${words.name} of ${from}${words.unit}${others}`;
}

/**
 * The baseline, and the learned point of its series with the lowest value; undefined where there is none,
 * null where nothing is drawn at all.
 */
export function effectOf(data: QuantityByAxis) {
  const main = data.series.find(({ isBaseline }) => isBaseline) ?? data.series[0];
  if (main === undefined) return null;
  const others = Object.keys(main.others).length === 0 ? "" : ` (${formatPoint(main.others)})`;
  const usable = main.points.filter(({ complete }) => complete);
  const rest = usable.filter((point) => !point.isBaseline && point.learned);
  const lowest = rest.length === 0
    ? undefined
    : rest.reduce((a, b) => (b.estimate.mean < a.estimate.mean ? b : a));
  return {
    others,
    /** Complete points of that series. */
    points: usable,
    base: usable.find(({ isBaseline }) => isBaseline),
    lowest,
    /** Whether a point was left out because it learned little. */
    excluded: usable.some(({ isBaseline, learned }) => !isBaseline && !learned),
  };
}

/** Another axis may be the one that makes zeros, so all series count. */
function sparsityFinding(data: QuantityByAxis): string {
  const words = quantityWords[data.quantity];
  const all = data.series.flatMap(({ others, points }) =>
    points.filter(({ complete }) => complete).map(({ value, estimate, learned }) => {
      const values: JsonObject = { ...others, [data.axis]: value };
      const point = Object.fromEntries(
        data.axes.filter((axis) => axis in values).map((axis) => [axis, values[axis]]),
      );
      return { share: estimate.mean, learned, at: formatPoint(point) };
    })
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
  const words = quantityWords[data.quantity];
  const rows = data.series.map(({ others, points }) => {
    const name = Object.keys(others).length === 0 ? "" : `${formatPoint(others)}: `;
    return name +
      points.map(({ value, estimate }) => `${words.show(estimate.mean)} at ${formatSetting(value)}`)
        .join(", ");
  });
  return `Line chart of ${words.name} ${viewWords[data.view]} against ${formatAxis(data.axis)}. ${
    rows.join("; ") || finding(data)
  }.`;
}
