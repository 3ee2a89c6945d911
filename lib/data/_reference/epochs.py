"""What PyTorch's DataLoader reads in epochs, for lib/data/epochs_test.ts.

python lib/data/_reference/epochs.py > lib/data/_reference/epochs.json
"""

import json

import torch
from torch.utils.data import DataLoader, RandomSampler

cases = []
for items, batch_size in [(10, 3), (12, 4), (7, 1), (5, 8), (6, 6), (1, 2), (33, 32)]:
    generator = torch.Generator().manual_seed(1)
    sampler = RandomSampler(range(items), replacement=False, generator=generator)
    loader = DataLoader(range(items), batch_size=batch_size, sampler=sampler, drop_last=False)
    epochs = [[batch.tolist() for batch in loader] for _ in range(3)]
    cases.append({
        "items": items,
        "batchSize": batch_size,
        "sizes": [[len(batch) for batch in epoch] for epoch in epochs],
        "eachOnce": all(sorted(sum(epoch, [])) == list(range(items)) for epoch in epochs),
        "orders": len({tuple(sum(epoch, [])) for epoch in epochs}),
    })

print(json.dumps({"torch": torch.__version__, "cases": cases}, indent=2))
