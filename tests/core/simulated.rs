//! "What is simulated" tells the truth about its own sources: every check that it names is in this repository, every behaviour
//! says what is simpler here, and the page links to nothing outside.

use std::fs;
use std::path::Path;

fn page() -> String {
    fs::read_to_string("static/what-is-simulated.html").expect("the page")
}

#[test]
fn every_check_that_is_named_exists() {
    let page = page();
    let named: Vec<&str> = page.split("<code>tests/").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert!(named.len() > 30, "{named:?}");
    let missing: Vec<&&str> = named.iter().filter(|path| !Path::new("tests").join(path).exists()).collect();
    assert!(missing.is_empty(), "named but not there: {missing:?}");
}

#[test]
fn every_recording_is_named() {
    let page = page();
    for file in fs::read_dir("tests/golden/vectors").expect("the vectors") {
        let name = file.expect("a file").file_name().into_string().expect("plain names");
        let tells_rows = name.ends_with(".json") && !page.contains(&name);
        assert!(!tells_rows, "static/what-is-simulated.html does not name {name}");
    }
}

#[test]
fn every_behaviour_says_how_it_was_checked_and_what_is_simpler() {
    for row in page().split("<div class=\"row\">").skip(1) {
        let row = row.split("</div>").next().unwrap_or_default();
        assert!(row.contains("<b>Checked by</b> <code>") && row.contains("<b>Simpler here</b> "), "{row}");
    }
}

#[test]
fn it_asks_no_other_origin() {
    let page = page();
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
}
