//! Kubernetes objects as our own small types: their JSON form, defaults, validation with Kubernetes' own messages,
//! labels and selectors, quantities, int-or-percent.
//!
//! Promises: an object that was read and written again is unchanged; messages are the API server's, word for word.
//! Must not know: time, the store, the network, the screen.
