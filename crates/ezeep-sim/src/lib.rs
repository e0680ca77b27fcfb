//! ezeep-sim
