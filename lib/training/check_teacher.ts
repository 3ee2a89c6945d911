import { show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { checkWindowLength } from "../models/window_length.ts";
import { isPairSpecification, type Specification } from "./specification.ts";

/**
 * Refuses a teacher that cannot predict what a student learns, token by token.
 *
 * @param teacher Specification of the run that teaches.
 * @param student Specification of the run that learns; both are of one study, so of one corpus.
 * @throws {RangeError} With what differs.
 */
export function checkTeacher(teacher: Specification, student: Specification): void {
  if (teacher.model.kind === "ownModel") {
    throw new RangeError(
      `its model must be one of the library's, found ownModel: code of one's own is run for its own runs ` +
        `only. It may learn from a teacher.`,
    );
  }
  if (isPairSpecification(teacher) || isPairSpecification(student)) {
    const [taught, learned] = [teacher, student].map((each) =>
      isPairSpecification(each) ? each.training.padding ?? "masked" : null
    );
    if (taught === learned) return;
    throw new RangeError(
      `its training.padding must be the student's, ${show(learned)}, found ${
        show(taught)
      }: it would ` +
        `read other batches than it was trained on.`,
    );
  }
  if (canonicalJson(teacher.tokenizer) !== canonicalJson(student.tokenizer)) {
    throw new RangeError(
      `its tokenizer must be the student's, ${show(student.tokenizer)}, found ` +
        `${show(teacher.tokenizer)}: it predicts tokens that the student does not have.`,
    );
  }
  const { carriedState = false } = teacher.training;
  for (const option of ["trainingTokens", "trainingBytes"] as const) {
    const [theirs, own] = [teacher, student].map(({ training }) => training[option] ?? "all");
    if (theirs === own) continue;
    throw new RangeError(
      `its training.${option} must be the student's, ${own}, found ${theirs}: another text makes ` +
        `another vocabulary, and tokens that the student does not have.`,
    );
  }
  const [taught, learned] = [teacher, student].map((each) =>
    each.training.fillInTheMiddle !== null
  );
  if (taught !== learned) {
    throw new RangeError(
      `its training.fillInTheMiddle must be ${
        learned ? "there" : "left out"
      } as the student's is, found it ${
        taught ? "there" : "left out"
      }: one of both has marks that the other has not.`,
    );
  }
  if (carriedState) {
    throw new RangeError(
      `its training.carriedState must be false, found true: a teacher reads each window from a zero ` +
        `state, not as it was trained.`,
    );
  }
  checkWindowLength(teacher.model, student.training.windowLength);
}
