"""Parquet files of prompts as pyarrow writes them: python parquet.py (pyarrow 26.0.1)."""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
n = 7
instructions = pa.table({
    "instruction": [f"Say {at} in words" for at in range(n)],
    "input": ["" if at % 2 else f"né 鯨 {at}" for at in range(n)],
    "output": [f"word {at} 🐋\n" for at in range(n)],
    "author": pa.array(["Ann", "Jack", "Ann", "Eve", "Jack", "Ann", "Eve"]).dictionary_encode(),
    "thread": pa.array([at // 2 for at in range(n)], pa.int64()),
    "score": pa.array([at / 4 for at in range(n)], pa.float64()),
})
for compression in ["snappy", "zstd"]:
    pq.write_table(instructions, here / f"instructions.{compression}.parquet", compression=compression, row_group_size=3)
turn = pa.struct([("role", pa.string()), ("content", pa.string())])
dialogues = [
    [("user", f"Ask {at}?"), ("assistant", f"Told {at}."), ("user", "And?"), ("assistant", "No.")][: 2 + 2 * (at % 2)]
    for at in range(5)
]
messages = pa.array(
    [[{"role": role, "content": content} for role, content in each] for each in dialogues],
    pa.list_(turn),
)
pq.write_table(pa.table({"messages": messages}), here / "dialogues.parquet", row_group_size=2)
missing = pa.table({"instruction": ["a", "b"], "output": pa.array(["c", None], pa.string())})
pq.write_table(missing, here / "missing.parquet")
binary = pa.table({"instruction": ["a"], "output": pa.array([b"caf\xe9"], pa.binary())})
pq.write_table(binary, here / "binary.parquet")
print(pa.__version__)
