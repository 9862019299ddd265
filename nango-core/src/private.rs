//! What generated code may name. Not covered by semantic versioning.
