//! A diagnosis as text, for the command line and for copying.

use super::{Diagnosis, Weight, words};

/// The whole diagnosis, one block a finding.
pub fn text(diagnosis: &Diagnosis) -> String {
    let mut out = format!("{}\n", diagnosis.question);
    for finding in &diagnosis.findings {
        let mark = match finding.weight {
            Weight::All => "✕",
            Weight::Part => "!",
            Weight::Note => "·",
        };
        out.push_str(&format!("\n{mark} {}\n", finding.title));
        finding.details.iter().for_each(|d| out.push_str(&format!("    {d}\n")));
        let mut head = words::SEE_IT;
        for line in &finding.show {
            out.push_str(&format!("  {head:<8} {line}\n"));
            head = "";
        }
        for fix in &finding.fixes {
            out.push_str(&format!("  {:<8} {}\n", words::FIX, fix.words));
            if !fix.command.is_empty() {
                out.push_str(&format!("  {:<8} {}\n", "", fix.command));
            }
        }
    }
    out
}
