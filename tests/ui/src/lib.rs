//! What the derive accepts, and what it says when it refuses: see `tests/` and `cases/`.
