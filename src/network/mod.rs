//! A packet's way: addresses, routes, latency, DNS, the source address; a verdict with every hop it took.
//!
//! Promises: where a packet goes is decided by walking the rules of the node it is on, nothing else.
//! Must not know: controllers, the API server, the screen.
