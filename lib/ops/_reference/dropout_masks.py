"""Masks of dropout as lib/ops/_dropout_mask.ts makes them, written again from its description.

A mask belongs to two keys of 32 bits; a value is kept where the upper 24 bits of
mix(mix(position + key0) + key1) are at least rate * 2^24, and what is kept is multiplied by
1 / (1 - rate). mix is "triple32" of C. Wellons (github.com/skeeto/hash-prospector). The keys are the next
two numbers of a stream: xoroshiro128+ (Blackman and Vigna) with 24, 16 and 37 bits, lower 32 bits of each
number, whose state is the SHA-256 of the canonical JSON of what the stream is for.
"""

import hashlib
import json

import numpy
import torch


def mix(x):
    x = x ^ (x >> numpy.uint32(17))
    x = x * numpy.uint32(0xED5AD4BB)
    x = x ^ (x >> numpy.uint32(11))
    x = x * numpy.uint32(0xAC4C1B51)
    x = x ^ (x >> numpy.uint32(15))
    x = x * numpy.uint32(0x31848BAB)
    return x ^ (x >> numpy.uint32(14))


def mask_of(keys, rate, shape):
    """0 or 1 / (1 - rate) for each place of a tensor."""
    places = numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint32)
    bits = mix(mix(places + numpy.uint32(keys[0])) + numpy.uint32(keys[1])) >> numpy.uint32(8)
    kept = bits >= round(rate * 2**24)
    return torch.tensor(numpy.where(kept, 1 / (1 - rate), 0.0).reshape(shape))


def dropped_attention(q, k, v, mask):
    """Causal attention, [..., time, head], with a mask on the probabilities after the softmax."""
    time = q.shape[-2]
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    later = torch.ones(time, time, dtype=torch.bool).triu(1)
    return (scores.masked_fill(later, -torch.inf).softmax(-1) * mask) @ v


class Stream:
    """A stream of lib/core/random.ts."""

    def __init__(self, purpose):
        self.purpose = purpose
        digest = hashlib.sha256(json.dumps(purpose, separators=(",", ":")).encode()).digest()
        s01, s00, s11, s10 = (int.from_bytes(digest[at : at + 4], "little") for at in (0, 4, 8, 12))
        self.first, self.second = s01 << 32 | s00, s11 << 32 | s10

    def uint32(self):
        mask = 2**64 - 1
        drawn = (self.first + self.second) & (2**32 - 1)
        other = self.first ^ self.second
        turned = (self.first << 24 | self.first >> 40) & mask
        self.first = turned ^ other ^ (other << 16 & mask)
        self.second = (other << 37 | other >> 27) & mask
        return drawn

    def uniform(self):
        high, low = self.uint32() >> 5, self.uint32() >> 6
        return (high * 2**26 + low) / 2**53

    def state(self):
        """As RandomStream.state() gives it, whole numbers from -2^31."""
        words = (self.first >> 32, self.first, self.second >> 32, self.second)
        return [(word + 2**31) % 2**32 - 2**31 for word in words]

    def mask(self, rate, shape):
        return mask_of([self.uint32(), self.uint32()], rate, shape)
