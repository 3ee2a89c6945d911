"""Parquet files as pyarrow writes them: python parquet.py (pyarrow 26.0.1)."""

import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
texts = [f"Letter {n}: the whale 鯨 🐋, line one\nline two" for n in range(7)]
table = pa.table({
    "id": pa.array(range(7), pa.int64()),
    "body": pa.array(texts, pa.string()),
    "author": pa.array(["Ann", "Jack", "Ann", "Eve", "Jack", "Ann", "Eve"]).dictionary_encode(),
    "year": pa.array([1850 + n for n in range(7)], pa.int64()),
    "sent": pa.array(
        [datetime.datetime(1851, 10, 18 + n, 9, tzinfo=datetime.timezone.utc) for n in range(7)],
        pa.timestamp("us", "UTC"),
    ),
})
for compression in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(table, here / f"letters.{compression}.parquet", compression=compression, row_group_size=3)
binary = pa.table({"body": pa.array([b"Letter", b"caf\xe9"], pa.binary())})
pq.write_table(binary, here / "letters.binary.parquet")
print(pa.__version__)
