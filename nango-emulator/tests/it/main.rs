//! The emulator from outside: over HTTP and through its library.

mod flows;
mod support;
