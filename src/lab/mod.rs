//! A cluster and its history: the command log (a run is seed + log), checkpoints, transcripts, presets.
//!
//! Promises: the same seed, settings and log give the same run.
//! Must not know: the screen.
