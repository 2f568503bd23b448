//! Clients: arrival patterns, connections, retries, time-outs, statistics.
//!
//! Promises: every request ends in exactly one outcome; counts add up.
//! Must not know: the API server, controllers, the screen.
