//! The editor's colours and the line diff.

use kube_service_lab::manifest::diff::unified;
use kube_service_lab::manifest::highlight::{Class, highlight};

/// Pieces as `K(text)`, one letter a class.
fn painted(text: &str) -> String {
    let letter = |class| match class {
        Class::Key => 'K',
        Class::String => 'S',
        Class::Number => 'N',
        Class::Bool => 'B',
        Class::Comment => 'C',
        Class::Punctuation => 'P',
    };
    let pieces = highlight(text).into_iter();
    pieces.map(|(start, end, class)| format!("{}({})", letter(class), &text[start..end])).collect::<Vec<_>>().join(" ")
}

#[test]
fn colours() {
    for (text, expect) in [
        ("a: b # c", "K(a) P(:) S(b) C(# c)"),
        ("port: 80", "K(port) P(:) N(80)"),
        ("- name: web\n  on: yes", "P(-) K(name) P(:) S(web) K(on) P(:) B(yes)"),
        ("image: nginx:1.27", "K(image) P(:) S(nginx:1.27)"),
        ("\"a b\": 'it''s'", "K(\"a b\") P(:) S('it''s')"),
        ("{a: [1, x y], \"b\":~}", "P({) K(a) P(:) P([) N(1) P(,) S(x y) P(]) P(,) K(\"b\") P(:) B(~) P(})"),
        ("a: |-\n  x: 1\n\n  # no\nb: &x !!int 5", "K(a) P(:) P(|-) S(x: 1) S(# no) K(b) P(:) P(&x) P(!!int) N(5)"),
        ("- |\n  text\n- 2", "P(-) P(|) S(text) P(-) N(2)"),
        ("---\na: \"two\n  lines\" # c", "P(---) K(a) P(:) S(\"two\n  lines\") C(# c)"),
        ("key:\n  - a#b", "K(key) P(:) P(-) S(a#b)"),
        ("ä: ü", "K(ä) P(:) S(ü)"),
    ] {
        assert_eq!(painted(text), expect, "{text}");
    }
}

#[test]
fn colours_cost_linear_time() {
    for part in ["\"", "'", "a: ", "[{", "- ", "|\n", "# ", "a b ", "\\"] {
        let text = part.repeat(40_000 / part.len());
        assert!(highlight(&text).len() <= text.len());
    }
}

#[test]
fn unified_diffs() {
    let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
    let new = "a\nb\nC\nd\ne\nf\ng\nh\ni\nj\nk\n";
    assert_eq!(
        unified(old, new, "old", "new"),
        "--- old\n+++ new\n@@ -1,6 +1,6 @@\n a\n b\n-c\n+C\n d\n e\n f\n@@ -8,3 +8,4 @@\n h\n i\n j\n+k\n"
    );
    assert_eq!(unified("", "x\n", "a", "b"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    assert_eq!(unified("x", "y\n", "a", "b"), "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n");
    assert_eq!(unified("x\ny\n", "x\ny\n", "a", "b"), "");
}

/// The same alignment as GNU diff for a list item added in front of a similar one.
#[test]
fn changes_stand_as_far_down_as_they_can() {
    let old = "ports:\n- port: 80\n  protocol: TCP\n";
    let new = "ports:\n- port: 80\n  protocol: TCP\n- port: 81\n  protocol: TCP\n";
    assert_eq!(
        unified(old, new, "a", "b"),
        "--- a\n+++ b\n@@ -1,3 +1,5 @@\n ports:\n - port: 80\n   protocol: TCP\n+- port: 81\n+  protocol: TCP\n"
    );
}

#[test]
fn large_differences_are_bounded() {
    let text = |prefix: &str| (0..20_000).map(|i| format!("{prefix}{i}\n")).collect::<String>();
    assert!(unified(&text("a"), &text("b"), "a", "b").len() > 200_000);
}
