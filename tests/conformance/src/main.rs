//! The conformance runner's command line.

use std::path::PathBuf;
use std::process::ExitCode;

use bayplan_conformance::Options;
use bayplan_conformance::controlplane;
use bayplan_conformance::engines::{self, ENGINES};
use bayplan_conformance::files::{Pair, VERSIONS, categories, committed};
use bayplan_conformance::manifest::Manifest;
use bayplan_conformance::report::{Row, table};

const USAGE: &str = "\
usage: bayplan-conformance [OPTIONS] [CASES.ndjson[.gz] EXPECTED.ndjson[.gz]]...

Plays cases and compares every field of every step with what the real kube-scheduler decided.
Without files, all committed vectors are played.

  --version MINOR    1.34, 1.35, 1.36 or 1.37; without it, the one in EXPECTED's name (expected-1.36), or the newest
  --all              the committed vectors (of all versions, or of --version)
  --engine NAME      what is played; the first of the engines by default
  --case NAME        this case alone, with all its differences
  --category NAME    this category of the committed vectors alone; may be given several times
  --differences N    how many differences to print for each row (1)
  --controlplane     the arguments are folders of a real control plane's scenarios; without any, all committed ones
  --manifest         plays nothing: counts the committed vectors and writes vectors/MANIFEST.json

exit status: 0 all equal, 1 something differs, 2 bad arguments or bad files
";

#[derive(Default)]
struct Arguments {
    version: Option<String>,
    engine: Option<String>,
    case: Option<String>,
    categories: Vec<String>,
    manifest: bool,
    differences: Option<usize>,
    all: bool,
    controlplane: bool,
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help" || word == "-h") {
        let names: Vec<&str> = ENGINES.iter().map(|entry| entry.name).collect();
        println!("{USAGE}\nengines: {}", names.join(", "));
        return ExitCode::SUCCESS;
    }
    match arguments(words.into_iter()).and_then(run) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut out = Arguments::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"));
        match word.as_str() {
            "--version" => out.version = Some(value()?),
            "--engine" => out.engine = Some(value()?),
            "--case" => out.case = Some(value()?),
            "--category" => out.categories.push(value()?),
            "--manifest" => out.manifest = true,
            "--differences" => {
                let text = value()?;
                out.differences = Some(
                    text.parse().map_err(|_| format!("--differences {text}: must be a whole number, not negative"))?,
                );
            }
            "--all" => out.all = true,
            "--controlplane" => out.controlplane = true,
            _ if word.starts_with("--") => return Err(format!("unknown option {word}\n\n{USAGE}")),
            _ => out.files.push(PathBuf::from(word)),
        }
    }
    Ok(out)
}

/// The committed scenarios.
fn scenarios() -> Result<Vec<PathBuf>, String> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../controlplane"));
    let entries = std::fs::read_dir(&root).map_err(|e| format!("{}: {e}", root.display()))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|folder| folder.join("00-cluster.yaml").is_file());
    folders.sort();
    Ok(folders)
}

fn run(arguments: Arguments) -> Result<bool, String> {
    if arguments.manifest {
        let manifest = Manifest::read()?.counted()?;
        manifest.write()?;
        println!("{} categories counted", manifest.categories.len());
        return Ok(true);
    }
    if arguments.controlplane {
        let folders = if arguments.files.is_empty() { scenarios()? } else { arguments.files };
        let (table, same) = controlplane::run(&folders)?;
        print!("{table}");
        return Ok(same);
    }
    let version = arguments.version.as_deref();
    if let Some(version) = version
        && !VERSIONS.contains(&version)
    {
        return Err(format!("--version {version}: must be one of {}", VERSIONS.join(", ")));
    }
    let engine = engines::find(arguments.engine.as_deref())?;
    let mut pairs = Vec::new();
    for pair in arguments.files.chunks(2) {
        let [cases, expected] = pair else {
            return Err(format!("{}: a file of cases without its expected file\n\n{USAGE}", pair[0].display()));
        };
        pairs.push(Pair::new(cases.clone(), expected.clone(), version));
    }
    if arguments.all || pairs.is_empty() {
        let mut all = committed(version)?;
        for name in &arguments.categories {
            if !all.iter().any(|pair| pair.category() == *name) {
                return Err(format!("--category {name}: there are: {}", categories()?.join(", ")));
            }
        }
        all.retain(|pair| arguments.categories.is_empty() || arguments.categories.contains(&pair.category()));
        pairs.extend(all);
    }

    let mut rows = Vec::new();
    for pair in pairs {
        let mut cases = pair.read()?;
        if let Some(name) = &arguments.case {
            cases.retain(|(case, _)| case.name == *name);
            if cases.is_empty() {
                continue;
            }
        }
        let options = Options { version: &pair.version };
        let report = (engine.suite)(options, &cases);
        rows.push(Row { category: pair.category(), version: pair.version.clone(), report });
    }
    if let (Some(name), true) = (&arguments.case, rows.is_empty()) {
        return Err(format!("--case {name}: no such case"));
    }
    let limit = arguments.differences.unwrap_or(if arguments.case.is_some() { usize::MAX } else { 1 });
    print!("engine {}\n{}", engine.name, table(&rows, limit));
    Ok(rows.iter().all(|row| row.report.passes()))
}
