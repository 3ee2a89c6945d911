import { type Kind, Nonsense } from "../kind.ts";
import { kinds as own } from "../kinds.ts";

/** The library's own kinds, each of whose inputs is told as a bad one. */
export const kinds: readonly Kind[] = own.map((kind) => ({
  ...kind,
  async open(base) {
    const draw = await kind.open(base);
    return (stream) => {
      const { input } = draw(stream);
      return {
        input,
        run: () => {
          throw new Nonsense("told");
        },
      };
    };
  },
}));
