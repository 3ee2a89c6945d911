"""Choices of tokens and beam searches by Hugging Face's transformers.

    python lib/models/_reference/decoding.py

writes decoding.json beside this file (needs torch and transformers). A language model is a table of logits
by the two tokens before, so that sequences are compared and no network: its `generate` is transformers'
own. Tables are drawn in single precision by torch's generator, and stand in the file.
"""

import json
import platform
from pathlib import Path

import torch
import transformers
from transformers import (
    GenerationConfig,
    GenerationMixin,
    MinPLogitsWarper,
    PreTrainedConfig,
    PreTrainedModel,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)
from transformers.modeling_outputs import CausalLMOutput

HERE = Path(__file__).parent
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(17)


def drawn(*shape, scale=2.0):
    """Numbers of three decimals, so that the file holds them as they are."""
    return torch.tensor(rounded(torch.randn(*shape, generator=generator) * scale, 3))


def rounded(tensor, digits):
    def of(value):
        return [of(each) for each in value] if isinstance(value, list) else round(value, digits)

    return of(tensor.tolist())


PROCESSORS = {
    "repetitionPenalty": RepetitionPenaltyLogitsProcessor,
    "temperature": TemperatureLogitsWarper,
    "topK": TopKLogitsWarper,
    "topP": TopPLogitsWarper,
    "minP": MinPLogitsWarper,
}
CHOICES = [
    {"repetitionPenalty": 1.2},
    {"repetitionPenalty": 0.5},
    {"temperature": 0.7},
    {"topK": 5},
    {"topP": 0.8},
    {"topP": 0.05},
    {"minP": 0.1},
    {"minP": 1.0},
    {"temperature": 2.5, "minP": 0.05},
    {"topK": 9, "topP": 0.9, "minP": 0.2},
    {"repetitionPenalty": 1.5, "temperature": 0.6, "topK": 8, "topP": 0.95, "minP": 0.02},
    {"repetitionPenalty": 1.3, "temperature": 1.8, "topP": 0.7},
]


def choices():
    found = []
    for _ in range(4):
        logits = drawn(1, 23, scale=3.0)
        read = torch.randint(0, 23, (1, 12), generator=generator)
        for options in CHOICES:
            scores = logits
            # GenerationMixin._get_logits_processor appends them in this order.
            for name, create in PROCESSORS.items():
                if name in options:
                    scores = create(options[name])(read, scores)
            found.append({
                "logits": rounded(logits[0], 3),
                "read": read[0].tolist(),
                "options": options,
                "probabilities": rounded(torch.softmax(scores.double(), -1)[0], 9),
            })
    return found


class TableConfig(PreTrainedConfig):
    model_type = "table"

    def __init__(self, **options):
        super().__init__(**options)


class Table(PreTrainedModel, GenerationMixin):
    """Logits by the last two tokens."""

    config_class = TableConfig
    _supports_cache_class = False

    def __init__(self, config, table):
        super().__init__(config)
        self.table = torch.nn.Parameter(table)

    def prepare_inputs_for_generation(self, input_ids, **_):
        return {"input_ids": input_ids}

    def forward(self, input_ids, return_dict=True, **_):
        before = torch.cat([torch.zeros_like(input_ids[:, :1]), input_ids[:, :-1]], 1)
        return CausalLMOutput(logits=self.table[before, input_ids])


class Stops(StoppingCriteria):
    """A text, written with one letter a token, that ends in one of some strings."""

    def __init__(self, strings, letters, prompt):
        self.strings, self.letters, self.prompt = strings, letters, prompt

    def __call__(self, input_ids, scores, **_):
        texts = ["".join(self.letters[i] for i in row[self.prompt :]) for row in input_ids.tolist()]
        return torch.tensor([any(stop in text for stop in self.strings) for text in texts])


LETTERS = "abcdefghijk"
SEARCHES = [
    {"beams": 2},
    {"beams": 4},
    {"beams": 4, "earlyStopping": True},
    {"beams": 4, "earlyStopping": "never"},
    {"beams": 3, "lengthPenalty": 0.0},
    {"beams": 3, "lengthPenalty": 0.0, "earlyStopping": "never"},
    {"beams": 5, "lengthPenalty": 2.0},
    {"beams": 5, "lengthPenalty": 2.0, "earlyStopping": "never"},
    {"beams": 5, "lengthPenalty": -1.0},
    {"beams": 4, "repetitionPenalty": 1.4},
    {"beams": 4, "repetitionPenalty": 0.7, "lengthPenalty": 0.5, "earlyStopping": True},
]


def search(table, prompt, length, end, options, stops=(), forbidden=()):
    model = Table(TableConfig(vocab_size=table.shape[0]), table).eval()
    config = GenerationConfig(
        num_beams=options["beams"],
        num_return_sequences=options["beams"],
        length_penalty=options.get("lengthPenalty", 1.0),
        early_stopping=options.get("earlyStopping", False),
        repetition_penalty=options.get("repetitionPenalty", 1.0),
        max_new_tokens=length,
        do_sample=False,
        use_cache=False,
        eos_token_id=end,
        pad_token_id=None if end is None else 0,
        suppress_tokens=list(forbidden) or None,
        return_dict_in_generate=True,
        output_scores=True,
    )
    criteria = StoppingCriteriaList([Stops(stops, LETTERS, len(prompt))] if stops else [])
    with torch.no_grad():
        found = model.generate(
            torch.tensor([prompt]), generation_config=config, stopping_criteria=criteria
        )
    lengths = (found.beam_indices >= 0).sum(1).tolist()
    texts = [
        row[len(prompt) : len(prompt) + size]
        for row, size in zip(found.sequences.tolist(), lengths)
    ]
    return [
        # The end token is no part of the text.
        {"tokens": [t for t in text if t != end], "score": score}
        for text, score in zip(texts, found.sequences_scores.tolist())
    ]


def searches():
    found = []
    for size, length, end, stops, forbidden, raised in [
        (11, 12, None, [], [], 0),
        (11, 12, 3, [], [], 0),
        (11, 25, 3, [], [1, 2], 0),
        (11, 12, None, ["ab", "cde", "k"], [], 0),
        (11, 12, 3, ["ba", "gg"], [], 0),
        # The end is likely, so that all beams may have ended before the longest text.
        (11, 30, 3, [], [], 3),
    ]:
        table = drawn(size, size, size)
        if raised:
            table[:, :, end] += raised
        for prompt in ([4], [7, 5, 10]):
            for options in SEARCHES:
                found.append({
                    "table": len(found_tables),
                    "prompt": prompt,
                    "length": length,
                    "endId": end,
                    "stopStrings": stops,
                    "forbidden": forbidden,
                    "options": options,
                    "found": search(table, prompt, length, end, options, stops, forbidden),
                })
        found_tables.append(rounded(table, 3))
    return found


found_tables = []
result = {
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    },
    "letters": LETTERS,
    "choices": choices(),
    "searches": searches(),
    "tables": found_tables,
}
(HERE / "decoding.json").write_text(json.dumps(result) + "\n")
