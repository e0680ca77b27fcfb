//! ezeep-auth
