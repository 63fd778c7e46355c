//! Clusters to measure on: the same shape as objects, for the facade and the reference, and as rows, for the core.
//!
//! Nodes lie in three zones, come in four sizes, hold images and about 30 % of what they can; one in twenty is tainted
//! and one in ten advises against itself. Pods belong to Deployments of two replica sets' worth of labels, each with a
//! service, so that the system's default spreading is active for every one of them.

pub mod cpu;
pub mod dump;
pub mod fleet;
pub mod objects;
pub mod rows;

/// The sizes that are measured.
pub const SIZES: [usize; 3] = [500, 5_000, 50_000];

/// What differs between the nodes of a cluster, by number.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Zone, 0 to 2.
    pub zone: usize,
    /// Milli-CPU that can be requested; not round numbers, as kubelets reserve some.
    pub milli_cpu: i64,
    /// Bytes of memory.
    pub memory: i64,
    /// Keeps pods away.
    pub tainted: bool,
    /// Advises pods against itself.
    pub advised_against: bool,
    /// Which of four lists of images it holds.
    pub images: usize,
}

/// The node of a number.
#[must_use]
pub fn machine(number: usize) -> Machine {
    const GIB: i64 = 1 << 30;
    let (milli_cpu, memory) =
        [(1_930, 7 * GIB), (3_920, 15 * GIB), (7_910, 30 * GIB), (15_890, 61 * GIB)][number * 7 % 11 % 4];
    Machine {
        zone: number % 3,
        milli_cpu,
        memory: memory - (number as i64 % 13) * (64 << 20),
        tainted: number % 20 == 19,
        advised_against: number % 10 == 7,
        images: number * 5 % 7 % 4,
    }
}

/// What the pods of an app ask for: milli-CPU and bytes.
#[must_use]
pub fn requests(app: usize) -> (i64, i64) {
    (100 + 50 * (app as i64 % 9), (128 + 64 * (app as i64 % 7)) << 20)
}

/// How many bound pods a node starts with, and their app: about 30 % of the node.
pub fn bound(number: usize, apps: usize) -> impl Iterator<Item = usize> {
    let machine = machine(number);
    let mut left = machine.milli_cpu * 3 / 10;
    let mut app = number * 31 % apps;
    std::iter::from_fn(move || {
        app = (app + 17) % apps;
        left -= requests(app).0;
        (left > 0).then_some(app)
    })
}
