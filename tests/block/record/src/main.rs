//! Plays the committed vectors, and writes what that did to the block to files that the C block door plays: `bayplan-block-record PLAYER FOLDER`.
//! The steps are compared with the real scheduler's, as the conformance test does. The numbers in a file are those of the Rust core, which C must repeat.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bayplan_conformance::files::{Pair, committed};
use bayplan_conformance::library::Library;
use bayplan_conformance::{Options, play};
use bayplan_reference::vector::{Engine, Step};
use serde_json::Value;

/// The number of an attempt among the operations, see `cluster/src/compile/record.rs`.
const ATTEMPT: u32 = 34;
/// A row without arguments: a new block.
const NEW_BLOCK: [u32; 2] = [1, 0];

thread_local! {
    /// What the clusters of this thread have written.
    static ROWS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// The library, which leaves its rows behind.
struct Recorded(Library);

impl Recorded {
    fn rows(&mut self) -> &[u32] {
        self.0.0.recorded()
    }

    /// Nothing that was written may be lost: a cluster that makes its tables anew forgets it.
    fn keeps<R>(&mut self, change: impl FnOnce(&mut Library) -> Result<R, String>) -> Result<R, String> {
        let before = self.rows().len();
        let result = change(&mut self.0)?;
        let after = self.rows().len();
        if after < before { Err(format!("{before} words of rows, then {after}")) } else { Ok(result) }
    }
}

impl Engine for Recorded {
    fn load(version: &str, config: Option<&Value>, objects: &[Value]) -> Result<Self, String> {
        Library::load(version, config, objects).map(Recorded)
    }

    fn decide(&mut self, pod: &str) -> Result<Step, String> {
        let before = self.rows().len();
        let step = self.keeps(|library| library.decide(pod))?;
        let reaches_nodes = step.pre_filter.is_none() && ["Scheduled", "Unschedulable"].contains(&&*step.result);
        if reaches_nodes && attempts(&self.rows()[before..]) == 0 {
            return Err("no attempt was taken down".to_owned());
        }
        Ok(step)
    }

    fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), String> {
        self.keeps(|library| library.bind(pod, node, start))
    }

    fn evict(&mut self, pod: &str) -> Result<(), String> {
        self.keeps(|library| library.evict(pod))
    }

    fn nominate(&mut self, pod: &str, node: &str) -> Result<(), String> {
        self.keeps(|library| library.nominate(pod, node))
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.0.0.record_amounts().expect("the tables can be read");
        let rows = self.rows().to_vec();
        ROWS.with_borrow_mut(|all| {
            all.extend(NEW_BLOCK);
            all.extend(rows);
        });
    }
}

fn attempts(mut rows: &[u32]) -> u64 {
    let mut count = 0;
    while let [length, operation, ..] = rows {
        count += u64::from(*operation == ATTEMPT);
        rows = &rows[1 + *length as usize..];
    }
    count
}

/// Plays a category, and has the player play its rows; how many steps and attempts there were.
fn run(pair: &Pair, player: &Path, folder: &Path) -> Result<(u64, u64), String> {
    let name = format!("{}-{}", pair.category(), pair.version);
    ROWS.with_borrow_mut(Vec::clear);
    let mut steps = 0;
    for (case, expected) in &pair.read()? {
        let report = play::<Recorded>(Options { version: &pair.version }, case, expected);
        if report.equal != report.steps || !report.differences.is_empty() {
            return Err(format!("{name}: case {} differs: {:?}", case.name, report.differences.first()));
        }
        steps += report.steps as u64;
    }
    let rows = ROWS.with_borrow_mut(std::mem::take);
    let file = folder.join(format!("{name}.rows"));
    let bytes: Vec<u8> = rows.iter().flat_map(|word| word.to_ne_bytes()).collect();
    std::fs::write(&file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    let attempts = attempts(&rows);
    let played = Command::new(player).arg(&file).output().map_err(|error| format!("{}: {error}", player.display()))?;
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    if !played.status.success() {
        return Err(format!("{name}: {}{said}", String::from_utf8_lossy(&played.stderr)));
    }
    if !said.contains(&format!(" {attempts} attempts")) {
        return Err(format!("{name}: {attempts} attempts were written, but the player said: {said}"));
    }
    // A file that did not pass stays, to be looked at.
    std::fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((steps, attempts))
}

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [player, folder] = &paths[..] else {
        eprintln!("usage: bayplan-block-record PLAYER FOLDER");
        return ExitCode::from(2);
    };
    let pairs = committed(None).expect("the vectors are there");
    let (next, faults) = (Mutex::new(pairs.iter()), Mutex::new(Vec::new()));
    let (steps, attempts) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(pair) = { next.lock().expect("nobody panics with it").next() } {
                    match run(pair, player, folder) {
                        Ok((s, a)) => {
                            steps.fetch_add(s, Ordering::Relaxed);
                            attempts.fetch_add(a, Ordering::Relaxed);
                        }
                        Err(fault) => faults.lock().expect("nobody panics with it").push(fault),
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("all threads are joined");
    for fault in &faults {
        eprintln!("block: {fault}");
    }
    println!(
        "block: {} steps of the vectors, row by row from C: {} attempts, {} of {} files differ",
        steps.into_inner(),
        attempts.into_inner(),
        faults.len(),
        pairs.len()
    );
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
