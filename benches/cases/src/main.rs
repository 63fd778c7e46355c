//! Times decisions on case files: `cargo run --release -p bayplan-bench -- CASES.ndjson…`, a JSON line a case.
//!
//! ```text
//! read a case → load it → time it four ways, whose answers must be equal → ask the reference implementation some of them → a line
//! ```
//!
//! A case is a line of the format of `tests/conformance/README.md`, so that the same file can be given to kube-scheduler (`oracle -bench`).
//! `--scenario NAME` writes such a case, named and built as scheduler_perf has it.

mod scenarios;
mod timing;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use bayplan_reference::vector::Case;
use serde_json::json;

use crate::timing::Times;

const USAGE: &str = "usage: bayplan-bench [--version 1.37] [--rounds 3] [--plain 20] [--facade-warm] CASES.ndjson[.gz]…
       bayplan-bench --scenario NAME [--nodes 5000] [--pods 1000] [--existing 1000]
--rounds: each time is the median of so many; --plain: so many decisions of a case are compared with the reference implementation;
--facade-warm: nothing else is timed, as for a profile
scenarios: ";

struct Arguments {
    version: String,
    rounds: usize,
    plain: usize,
    only_warm: bool,
    scenario: Option<String>,
    nodes: usize,
    pods: usize,
    existing: usize,
    files: Vec<String>,
}

fn arguments() -> Result<Arguments, String> {
    let mut all = Arguments {
        version: "1.37".to_owned(),
        rounds: 3,
        plain: 20,
        only_warm: false,
        scenario: None,
        nodes: 5_000,
        pods: 1_000,
        existing: 1_000,
        files: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{argument} needs a value"));
        let number = |text: String| text.parse::<usize>().map_err(|_| format!("{argument}: {text} is no number"));
        match argument.as_str() {
            "--version" => all.version = value()?,
            "--rounds" => all.rounds = number(value()?)?.max(1),
            "--plain" => all.plain = number(value()?)?,
            "--facade-warm" => all.only_warm = true,
            "--scenario" => all.scenario = Some(value()?),
            "--nodes" => all.nodes = number(value()?)?,
            "--pods" => all.pods = number(value()?)?,
            "--existing" => all.existing = number(value()?)?,
            "--help" | "-h" => return Err(format!("{USAGE}{}", scenarios::names())),
            option if option.starts_with('-') => {
                return Err(format!("{option} is no option\n{USAGE}{}", scenarios::names()));
            }
            _ => all.files.push(argument),
        }
    }
    match all.files.is_empty() == all.scenario.is_some() {
        true => Ok(all),
        false => Err(format!("{USAGE}{}", scenarios::names())),
    }
}

fn run() -> Result<bool, String> {
    let arguments = arguments()?;
    let mut out = std::io::stdout().lock();
    let mut print =
        |line: String| writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string());
    if let Some(name) = &arguments.scenario {
        let case = scenarios::case(name, arguments.nodes, arguments.pods, arguments.existing)?;
        print(case.to_string())?;
        return Ok(true);
    }
    let mut all_agree = true;
    for path in &arguments.files {
        for case in bayplan_conformance::files::cases(path.as_ref())? {
            let timed = timing::time(&case, &arguments.version, arguments.rounds, arguments.only_warm)
                .and_then(|times| Ok((verify::plain(&case, &arguments.version, &times, arguments.plain)?, times)));
            match timed {
                Ok((verified, times)) => print(record(&case, &times, verified))?,
                Err(error) => {
                    all_agree = false;
                    print(json!({ "name": case.name, "error": error }).to_string())?;
                }
            }
        }
    }
    Ok(all_agree)
}

fn record(case: &Case, times: &Times, verified: usize) -> String {
    json!({
        "name": case.name, "nodes": times.nodes, "pods": case.pending.len(), "placed": times.placed,
        "cold_us": times.core.and_then(|core| core.cold), "warm_us": times.core.and_then(|core| core.warm),
        "facade_cold_us": times.facade.cold, "facade_warm_us": times.facade.warm,
        "core_left_out": times.core_left_out, "verified": verified,
    })
    .to_string()
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
