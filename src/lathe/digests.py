"""BLAKE2 without OpenSSL, which `hashlib` loads: 5 ms that a compiler wrapper does without."""

try:
    from _blake2 import blake2b
except ImportError:  # another Python than CPython
    from hashlib import blake2b

__all__ = ["blake2b"]
