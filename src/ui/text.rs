//! The page's words, in one place: what stands still here, what is put together from names and numbers in [`said`], what the
//! help tells in [`help`]. What is said of the model (states, causes, summaries) is worked out, and worded, in `view`.

mod help;
mod said;

pub use help::*;
pub use said::*;

/// The product.
pub const NAME: &str = "Kube Service Lab";

// The head of the page.

/// The chooser of beginnings.
pub const PRESET: &str = "Preset";
/// The group of the clock's buttons.
pub const TIME: &str = "Time";
pub const RESTART: &str = "Restart";
pub const PAUSE: &str = "Pause";
pub const PLAY: &str = "Play";
pub const STEP: &str = "Step";
pub const STEP_HOW: &str = "Step a quarter of a second";
pub const CLOCK: &str = "Time of the simulation";
pub const SPEED: &str = "Speed";
pub const THEME: &str = "Change theme";
/// Opens the command palette.
pub const ASK: &str = "Do…";
/// And its keys.
pub const ASK_KEYS: &str = "Ctrl K";

// What there is to do.

pub const YOUR_TURN: &str = "Your turn";
/// Said after a goal that is reached, and after one that is not.
pub const IS_DONE: &str = ": done";
pub const TO_DO: &str = ": to do";
pub const ALL_DONE: &str = "All done.";
pub const PREVIOUS: &str = "← Previous";
pub const NEXT: &str = "Next →";

// The scene.

pub const CLUSTER: &str = "Cluster";
pub const CLUSTER_WORD: &str = "cluster";
pub const OUTSIDE: &str = "outside";
pub const KUBE_PROXY: &str = "kube-proxy";
pub const NODE_PORT: &str = "NodePort";
pub const LET_GO: &str = "Let go";
pub const NONE_LISTED: &str = "no endpoints";
pub const IS_CUT_OFF: &str = "cut off";
pub const NO_NODE_YET: &str = "No node yet: ";
pub const COME_NEARER: &str = "Come nearer";
pub const VIEW: &str = "View";
pub const TO_DETAILS: &str = "Details ↓";
pub const SAY: &str = "Say what is shown";
pub const NEARER: &str = "Nearer";
pub const NEARER_KEY: &str = "Nearer (+)";
pub const FARTHER: &str = "Farther";
pub const FARTHER_KEY: &str = "Farther (−)";
pub const SHOW_ALL: &str = "Show all";
pub const SHOW_ALL_KEY: &str = "Show all (0)";
pub const YOU_CARRY: &str = "You carry ";
pub const PUT_IT: &str = ". Put it on a Pod or a Service. ";
pub const TAKE_OFF: &str = "Take it off its Pod";
pub const STILLS: &str = "Stills";
pub const STANDS_STILL: &str = "Time stands still. Each step shows the next still.";
pub const NEXT_STILL: &str = "Next still";
pub const NEXT_CHANGE: &str = "Next change";

pub const COMING: &str = "Pods that are ready";

pub fn coming(ready: usize, all: usize) -> String {
    format!("The cluster comes up: {ready} of {all} Pods are ready.")
}

pub fn drawn(every: u64) -> String {
    format!("1 of {every} answered requests is drawn, all failed ones are")
}

pub fn more_services(n: usize) -> String {
    format!("{n} more Services")
}

pub fn and_more(n: usize) -> String {
    format!("and {n} more")
}

pub fn take_label(label: &str, of: &str) -> String {
    format!("Label {label} of {of}: take it to carry it elsewhere")
}

// The chart below it.

pub const WHO_HELD: &str = "Who held which address";
pub const WHAT_CHANGED: &str = "What changed";
pub const SINCE_START: &str = "since the start";
pub const ONE_ADDRESS: &str = "one address, never a gap";
pub const BACK_STEP: &str = "◂ back";
pub const BACK_HOW: &str = "Back to the last thing that happened";
pub const CHANGE_STEP: &str = "change ▸";
pub const CHANGE_HOW: &str = "On to the next change of an object";
pub const REQUEST_STEP: &str = "request ▸";
pub const REQUEST_HOW: &str = "On to the next end of a request";
pub const UNDO: &str = "Undo";
pub const SERVICE_SUCCESS: &str = "Service success";
pub const POD_SUCCESS: &str = "Pod-IP success";
pub const BY_REVISION: &str = "Pods by revision";
pub const ENDPOINTS_READY: &str = "endpoints ready";
pub const FAILED_REQUESTS: &str = "failed requests";
pub const NODES_BEHIND: &str = "nodes behind";
pub const WHAT_WAS_DONE: &str = "what was done";

pub fn more_addresses(n: usize) -> String {
    format!("and {n} more addresses")
}

// The left column.

pub fn cut_off(node: &str) -> String {
    format!("Cut off {node}")
}

pub fn bring_back(node: &str) -> String {
    format!("Bring back {node}")
}

pub fn more_endpoints(n: usize) -> String {
    format!("{n} more endpoints")
}

pub const CONTROLS: &str = "Controls";
pub const FOLD_CONTROLS: &str = "Fold the controls away";
pub const UNFOLD_CONTROLS: &str = "Show the controls";
pub const WORKLOAD: &str = "Workload";
pub const NO_DEPLOYMENT: &str = "There is no Deployment.";
pub const SERVICE: &str = "Service";
pub const DEPLOYMENT: &str = "Deployment";
pub const SCALE_DOWN: &str = "Scale down";
pub const SCALE_UP: &str = "Scale up";
pub const REPLICAS: &str = "Replicas";
pub const SCALE_TO: &str = "Scale to";
pub const SCALE: &str = "Scale";
pub const IMAGE: &str = "Image";
pub const UPDATE: &str = "Update";
pub const KILL_POD: &str = "Kill Pod";
pub const ROLL_BACK: &str = "Roll back";
pub const POD_OF_YOUR_OWN: &str = "A Pod of your own";
pub const NAME_FIELD: &str = "Name";
pub const PORT: &str = "Port";
pub const ADD_POD: &str = "Add Pod";
pub const TRAFFIC: &str = "Traffic";
pub const ONE_PODS_ADDRESS: &str = "one Pod's address";
pub const CLIENT_MORE: &str = "How a client asks";
pub const CLIENT: &str = "client";
pub const ASKS_FOR: &str = "asks for";
pub const ASK_IT: &str = "Ask";
pub const NO_URL: &str = "This is no address that a client here can ask: http://NAME:PORT/PATH or udp://NAME:PORT.";
pub const ANOTHER_WAY: &str = "another way";
pub const TICKS: &str = "sound: a tick for each failure";
pub const SINGLE_KEYS: &str = "single keys on buttons (K, N, R, L)";
pub const NETWORK_MORE: &str = "How the network behaves";
pub const NODE_OWN: &str = "This node's own network";

// What can be taken out of the page.

pub const SAVE: &str = "Save";
pub const SAVE_SVG: &str = "Picture (SVG)";
pub const SAVE_PNG: &str = "Picture (PNG)";
pub const SAVE_FILM: &str = "Film strip of key moments (SVG)";
pub const SAVE_TRANSCRIPT: &str = "Transcript (text)";

// The command palette.

pub const PALETTE: &str = "Commands";
pub const PALETTE_ASKS: &str = "What do you want to do?";
pub const PALETTE_NOTHING: &str = "Nothing is called so. Type kubectl and a line to run it as it is.";
pub const PALETTE_MORE: &str = "more: type on";
pub const PALETTE_KEYS: &str = "Arrow keys choose, Enter does it, Escape closes.";

// The panels.

pub const DETAILS: &str = "Details";
pub const FOLD_PANELS: &str = "Fold the panels away";
pub const UNFOLD_PANELS: &str = "Show the panels";
pub const WIDTH_OF_PANELS: &str = "Width of the panels";
pub const RUN: &str = "Run";
pub const OBJECT: &str = "Object";
pub const NODE: &str = "node";
pub const STATE: &str = "state";
pub const LINE: &str = "Line";

pub const NO_SERVICE: &str = "There is no Service. Try: kubectl expose deployment web --port=80";
pub const FRONT: &str = "The front never changes";
pub const BACK: &str = "The back follows the Pods";
pub const ENDPOINT: &str = "endpoint";
pub const SHARE_OF_TRAFFIC: &str = "share of traffic";
pub const FEWER: &str = "Show fewer";
pub const NO_ENDPOINTS: &str = "No endpoints: requests to this Service are refused.";
pub const LAST_60: &str = "Last 60 seconds";
pub const THROUGH_SERVICE: &str = "through the Service";
pub const TO_POD_IP: &str = "to one Pod IP";
pub const MEDIAN_P99: &str = "median / p99";
pub const ADDRESS_CHANGES: &str = "Service IP changes";
pub const LAST_REQUEST: &str = "Last request";
pub const SELECTED_REQUEST: &str = "Selected request";
pub const ALL_ABOUT_IT: &str = "All about it";
pub const ENDPOINT_CHANGES: &str = "endpoint changes";

pub const NO_REQUEST_YET: &str = "No request has ended yet.";
pub const THE_WAY: &str = "The way it took";
pub const BACK_TO_THE_CAUSE: &str = "Why, back to the first cause";
pub const PREVENTED_BY: &str = "What would have prevented it";
pub const FAILED_LATELY: &str = "Failed in the last minute";
pub const LIKE_IT: &str = "Like it, last minute";
/// Said to those who do not see that a reason is lit.
pub const AS_THIS_ONE: &str = ", as this one";
pub const NOT_REMEMBERED: &str = "no longer remembered why";
pub const STOP_TRIAL: &str = "Stop";
pub const AGAIN: &str = "Try again, until now";
pub const TOO_LONG_AGO: &str = "That is too long ago to be tried.";
pub const TAKEN: &str = "taken";
pub const PASSED_OVER: &str = ", passed over";
pub const LAST_REQUESTS: &str = "Last requests";
pub const RULES_IT_MET: &str = "Rules it met";
pub const WHY: &str = "Why?";

pub const ASK_ABOUT: &str = "Ask about";
pub const WHOEVER_IS_IN_TROUBLE: &str = "whoever is in trouble";
pub const NOBODY_TO_ASK_ABOUT: &str = "There is no client and no Service to ask about.";
pub const EVERY_REQUEST_FAILS: &str = "Every request fails";
pub const SOME_REQUESTS_FAIL: &str = "Some requests fail";
pub const NOTHING_FAILS: &str = "Nothing fails by this";
pub const WAYS_OUT: &str = "Ways out";
pub const SEE_IT: &str = "See it";

pub const NO_NODE: &str = "There is no such node.";
pub const IN_SYNC: &str = "in sync";
pub const BEHIND: &str = "behind";
pub const ALL_RULES: &str = "all Services";
pub const AS_PRINTED: &str = "as printed";
pub const LINES: &str = "lines in all";
pub const RULES_TAKEN: &str = "rules decided about this request";
pub const RULES_NOT_TRACED: &str = "the rules that it met on this node were not written down";
pub const RULES_OF_NODE: &str = "Rules of the node";

pub const POD_IS_GONE: &str = "This Pod is gone.";
pub const DESCRIPTION: &str = "Description";
pub const ADDRESS: &str = "address";
pub const VERSION: &str = "version";
pub const REQUESTS: &str = "requests";
pub const A_SECOND: &str = "a second";
pub const KILL_THIS_POD: &str = "Kill this Pod";
pub const TAKE_LABEL_AWAY: &str = "Take its label app away";
pub const CRASH: &str = "Let its process crash";
pub const NO_COMMAND: &str = "no command: the process ends by itself";
pub const MAKE_UNREADY: &str = "Make unready";
pub const MAKE_READY: &str = "Ready again";
pub const LABELS_OF_POD: &str = "Edit labels";
pub const UNWELL: &str = "Let it answer 503 to its probes";
pub const WELL_AGAIN: &str = "Let it answer its probes again";
pub const NO_COMMAND_HEALTH: &str = "no command: it is what the process says of itself. Without a readiness probe nobody asks.";
pub const NO_COMMAND_NODE: &str = "no command: it is a cable, not an object";
pub const CUT_OFF: &str = "Cut this node off";
pub const BRING_BACK: &str = "Bring this node back";

pub const YAML_OF_OBJECT: &str = "YAML of the object";
pub const APPLY: &str = "Apply";
pub const DISCARD: &str = "Discard";
pub const YAML_HOW: &str =
    "Another metadata.name makes another object. Any text may be pasted here; --- stands between two objects.";
pub const WHAT_CHANGES: &str = "What changes";

pub const NO_EVENTS: &str = "Nothing has happened yet.";
pub const EVENTS: &str = "Events, the newest first";

pub const CONSOLE_OUTPUT: &str = "Console output";
pub const WAITS: &str = "… waits";
pub const COMPLETIONS: &str = "What the word may become";
pub const CONSOLE_KEYS: &str = "Tab completes, arrow keys bring earlier lines back, Escape lets Tab go on.";

// The door for scripts, and the help.

/// A command line of a script whose output is no longer kept.
pub const FORGOTTEN: &str = "(the console no longer has this output)";
/// The button of everything that was opened over the page.
pub const CLOSE: &str = "Close";
/// The button that explains.
pub const HELP: &str = "How to read this, and what is simulated";
pub const WHAT_IS_SIMULATED: &str = "What is simulated";
pub const SIMULATOR: &str = "This is a simulator: no container runs, and no packet leaves this page.";
pub const SIMULATED_IN_FULL: &str = "Each behaviour with its source, how it was checked, and what is simpler here";
pub const SHARE: &str = "Share";
pub const SHARE_WHAT: &str = "Opens the lab with this beginning at this speed, as it was at 0:00.";
pub const LINK: &str = "Link";
pub const EMBED: &str = "Embed";
pub const EMBED_WHAT: &str = "Puts the scene into another page. It runs at once, and takes no focus, scroll or keys by itself.";
pub const LINES_TO_PASTE: &str = "Two lines to paste";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Chosen and copied";
