import { nested, number, option, orNotGiven, orNull } from "../core/options.ts";
import { constantSchedule, highestFactor, validateSchedule } from "../core/schedule.ts";
import {
  actsOn,
  commonOptions,
  type ParameterDescription,
  type Targets,
} from "../penalties/penalty.ts";
import { checkActing } from "../penalties/targets.ts";

/** Which weights are dropped in training, and how many of them. */
export interface WeightDropoutSpecification extends Targets {
  /** Share of the weights set to 0 in each step, in [0, 1). */
  readonly rate: number;
}

/** What `training.weightDropout` takes: the targets may be left out. */
export type WeightDropoutOptions =
  & Pick<WeightDropoutSpecification, "rate">
  & Partial<Targets>;

const { targets, layers } = commonOptions;

/** What {@link WeightDropoutSpecification} holds. */
export const weightDropoutOptions = {
  rate: number({ from: 0, below: 1 }),
  targets,
  layers,
};

/** The option `training.weightDropout`. */
export const weightDropoutOption = orNull(nested(weightDropoutOptions));

/** The option `training.dropoutSchedule`. */
export const dropoutScheduleOption = orNotGiven(option((name, value) => {
  const schedule = validateSchedule(name, value);
  const highest = highestFactor(schedule);
  if (highest <= 1) return schedule;
  throw new RangeError(
    `${name} must have no factor above 1, so that the rates given are the highest ones, found a ` +
      `${schedule.kind} schedule that reaches ${highest}.`,
  );
}, constantSchedule()));

/**
 * The parameters whose weights are dropped.
 *
 * @throws {RangeError} If a model has none of the targets, with what it has.
 */
export function droppedParameters<Parameter extends ParameterDescription>(
  specification: WeightDropoutSpecification | null,
  parameters: readonly Parameter[],
): Parameter[] {
  if (specification === null) return [];
  checkActing({ kind: "training.weightDropout", ...specification }, parameters);
  return parameters.filter((parameter) => actsOn(specification, parameter));
}
