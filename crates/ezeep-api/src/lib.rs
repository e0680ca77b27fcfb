//! ezeep-api
