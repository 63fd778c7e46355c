//! What-if questions: changes are made to a fork of a cluster, the cluster's own reaction is played to its end, and the answer says what came
//! of it. Each question is a loop over such forks.
//!
//! ```text
//! Cluster ─► Base: played to rest, once ─► fork a scenario ─► changes touch what they change ─► played to rest ─► rows
//! ```

mod assertion;
mod bundle;
mod diff;
mod fail;
mod gpus;
mod parallel;
mod remedy;
mod shrink;
mod size;
mod totals;
mod upgrade;

pub use assertion::{Checked, check};
pub use bundle::{Bundle, BundleItem, BundleOptions, Fitted, Together};
pub use diff::{Diff, Difference};
pub use fail::{Fail, FailOptions, Failure};
pub use gpus::{Freed, GpuOptions, GpuView, Gpus, SIZES as GPU_SIZES};
pub use remedy::{Analysis, Lack, Near, Remedy, Stopped, folded};
pub use shrink::{Emptied, Kept, Shrink, ShrinkOptions};
pub use size::{Bought, Priced, Shape, Size, SizeOptions, Survive};
pub use totals::Totals;
pub use upgrade::{Step, Upgrade, UpgradeOptions};

use crate::change::{Carried, Change};
use crate::error::Error;
use crate::simulate::{Base, Simulated, Simulation, SimulationOptions, Utilisation};
use crate::state::Cluster;

impl Cluster {
    /// Makes changes to a fork, in their order, and plays its controllers, its scheduler and its nodes until nothing changes any more. The
    /// cluster is at rest before the first change: what it would do by itself comes first, as with a real one.
    ///
    /// Costs what [`Cluster::simulate`] costs, and what the changes move.
    ///
    /// # Errors
    /// As [`Cluster::simulate`]; and where a change means nothing that is there.
    pub fn what_if(
        &self,
        changes: &[Change],
        options: SimulationOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Simulated, Error> {
        let mut simulation = Simulation::new(self.clone(), options);
        let before = Utilisation::of(simulation.cluster_mut())?;
        if !changes.is_empty() {
            simulation.come_to_rest(progress)?;
        }
        let carried = carry_out(&mut simulation, changes, progress)?;
        finish(simulation, self, before, changes, carried)
    }
}

impl Base {
    /// The same from a cluster at rest: costs a fork, and what the changes move.
    ///
    /// # Errors
    /// As [`Cluster::what_if`].
    pub fn what_if(
        &self,
        changes: &[Change],
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Simulated, Error> {
        let mut simulation = self.fork();
        let carried = carry_out(&mut simulation, changes, progress)?;
        finish(simulation, self.cluster(), self.utilisation().clone(), changes, carried)
    }
}

/// Makes changes and plays to the end.
fn carry_out(
    simulation: &mut Simulation,
    changes: &[Change],
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Carried, Error> {
    let mut carried = Carried::default();
    changes.iter().try_for_each(|change| change.apply(simulation, &mut carried))?;
    simulation.run_telling(progress)?;
    Ok(carried)
}

fn finish(
    simulation: Simulation,
    cluster: &Cluster,
    before: Utilisation,
    changes: &[Change],
    carried: Carried,
) -> Result<Simulated, Error> {
    let mut simulated = simulation.end(cluster, before)?;
    simulated.changes = changes.iter().map(ToString::to_string).collect();
    (simulated.applied, simulated.drains) = (carried.applied, carried.drains);
    simulated.warnings.splice(0..0, carried.warnings);
    simulated.leave_out(carried.left_out);
    Ok(simulated)
}
